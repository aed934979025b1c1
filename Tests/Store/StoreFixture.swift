import Foundation
import KeybearerAdministration
import KeybearerVerification
import Logging

@testable import KeybearerStore

/// A store on a file of its own, with an organization and a person in it.
final class StoreFixture {
    let folder: URL
    let database: SQLiteDatabase
    let memory = RecordCache(capacityInBytes: 1 << 20)
    let store: Store
    let organization: Organization
    let user: User
    private var random = SystemRandomNumberGenerator()

    static let start = Timestamp(seconds: 1_800_000_000)

    var path: String { database.path }

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
        database = try SQLiteDatabase(path: folder.appendingPathComponent("k.sqlite").path, mode: .server)
        store = try await Self.store(on: database, memory)
        guard let slug = Slug("tern"), let email = EmailAddress("olga@tern.example") else { throw BadFixture() }
        organization = Organization(
            id: OrganizationID(at: Self.start, using: &random), slug: slug, name: "Tern", plan: "pro",
            createdAt: Self.start)
        user = User(
            id: UserID(at: Self.start, using: &random), email: email, name: "Olga", passwordHash: nil, isVerified: true,
            createdAt: Self.start)
        try await write(.insertOrganization(organization), .insertUser(user))
    }

    deinit { do { try FileManager.default.removeItem(at: folder) } catch {} }

    struct BadFixture: Error {}

    static func store(on database: SQLiteDatabase, _ memory: RecordCache) async throws -> Store {
        try await Store(
            database: database, memory: memory, nodeName: "node-a", clock: WallClock { start },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    func write(_ changes: Change...) async throws {
        _ = try await store.commit { _ in Prepared(changes, ()) }
    }

    /// A key that nothing is wrong with.
    func key(_ name: String = "key", labels: [APIKey.Label] = []) throws -> APIKey {
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        guard let digest = StoredDigest(bytes: bytes, pepperID: nil), let permission = Permission("project:read") else {
            throw BadFixture()
        }
        return APIKey(
            id: KeyID(at: Self.start, using: &random), organization: organization.id, name: name, digest: digest,
            preview: "sk_…", permissions: [permission], allowedIPs: [], labels: labels, expiresAt: nil,
            createdBy: Creator(kind: .user, id: user.id.description, name: "Olga"), createdAt: Self.start)
    }
}
