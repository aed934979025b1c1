import Foundation
import KeybearerAdministration
import KeybearerTestHarness
import KeybearerVerification
import Logging
import Testing

@testable import KeybearerStore

/// What the store can be kept in. Every test of this folder runs on each that the machine has.
enum Backend: Sendable, Hashable, CustomTestStringConvertible {
    case sqlite
    case postgreSQL(PostgreSQLServer.Version)

    static let all: [Backend] = [.sqlite] + postgreSQL
    static let postgreSQL: [Backend] = PostgreSQLServer.Version.allCases.filter { version in
        do {
            _ = try PostgreSQLServer.running(version)
            return true
        } catch {
            FileHandle.standardError.write(
                Data("\n*** NOT TESTED on PostgreSQL \(version.rawValue): \(error)\n\n".utf8))
            return false
        }
    }.map(Backend.postgreSQL)

    var testDescription: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgreSQL(let version): "PostgreSQL \(version.rawValue)"
        }
    }
}

@Suite struct `The machine` {
    @Test func `has every database that the contract is tested on, where CI says so`() {
        guard ProcessInfo.processInfo.environment["CI"] == "true" else { return }
        #expect(Backend.postgreSQL.count == PostgreSQLServer.Version.allCases.count)
    }
}

/// A store on a database of its own, with an organization and a person in it.
final class ContractFixture: Sendable {
    let store: Store
    let database: any Database
    let memory = RecordCache(capacityInBytes: 64 << 20)
    let organization: Organization
    let user: User
    /// Opens the same database once more, as another process would.
    let openAnother: @Sendable () async throws -> (Store, any Database)
    private let end: @Sendable () -> Void

    static let start = Timestamp(seconds: 1_800_000_000)

    struct BadFixture: Error {}

    init(_ backend: Backend) async throws {
        let memory = memory
        switch backend {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("contract-\(UUID().uuidString)")
            let path = folder.appendingPathComponent("k.sqlite").path
            let database = try SQLiteDatabase(path: path, mode: .server)
            self.database = database
            store = try await Store(
                database: database, memory: memory, nodeName: "node-a", clock: Self.clock, logger: Self.logger)
            openAnother = {
                let database = try SQLiteDatabase(path: path, mode: .local)
                let store = try await Store(
                    database: database, memory: RecordCache(capacityInBytes: 1 << 20), nodeName: "node-b",
                    clock: Self.clock, logger: Self.logger)
                return (store, database)
            }
            end = { do { try FileManager.default.removeItem(at: folder) } catch {} }
        case .postgreSQL(let version):
            let url = try PostgreSQLServer.running(version).newDatabase()
            let database = try await PostgreSQLDatabase(url: url, connections: 8)
            self.database = database
            store = try await Store(
                database: database, memory: memory, part: .beside(leaseSeconds: 5), nodeName: "node-a",
                clock: Self.clock, logger: Self.logger)
            openAnother = {
                let database = try await PostgreSQLDatabase(url: url, connections: 4)
                let store = try await Store(
                    database: database, memory: RecordCache(capacityInBytes: 1 << 20),
                    part: .beside(leaseSeconds: 5), nodeName: "node-b", clock: Self.clock, logger: Self.logger)
                return (store, database)
            }
            end = { database.close() }
        }
        var random = SystemRandomNumberGenerator()
        guard let slug = Slug("tern"), let email = EmailAddress("olga@tern.example") else { throw BadFixture() }
        organization = Organization(
            id: OrganizationID(at: Self.start, using: &random), slug: slug, name: "Tern", plan: "pro",
            createdAt: Self.start)
        user = User(
            id: UserID(at: Self.start, using: &random), email: email, name: "Olga", passwordHash: nil,
            isVerified: true, createdAt: Self.start)
        try await write(.insertOrganization(organization), .insertUser(user))
    }

    deinit { end() }

    static let clock = WallClock { start }
    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @discardableResult
    func write(_ changes: Change...) async throws -> Int64 {
        try await store.commit { _ in Prepared(changes, ()) }.barrier.revision
    }

    /// A key that nothing is wrong with.
    func key(_ name: String = "key", labels: [APIKey.Label] = []) throws -> APIKey {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard let digest = StoredDigest(bytes: bytes, pepperID: nil), let permission = Permission("project:read")
        else { throw BadFixture() }
        return APIKey(
            id: KeyID(at: Self.start, using: &random), organization: organization.id, name: name, digest: digest,
            preview: "sk_…", permissions: [permission], allowedIPs: [], labels: labels, expiresAt: nil,
            createdBy: Creator(kind: .user, id: user.id.description, name: "Olga"), createdAt: Self.start)
    }

    static func rules() throws -> Rules {
        guard let format = KeyFormat(prefix: "sk") else { throw BadFixture() }
        return Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read"]]), keyFormat: format, peppers: .none)
    }
}
