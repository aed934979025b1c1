import Foundation
import KeybearerAdministration
import KeybearerTestHarness
import KeybearerVerification
import Testing

@testable import KeybearerStore

/// A file's data moves to a server whole, or is not served from there.
@Suite struct `Moving a file to PostgreSQL` {
    /// A file with an organization, its people and keys; closed.
    private struct Origin {
        let path: String
        let key: APIKey

        init() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("moving-\(UUID().uuidString)")
            path = folder.appendingPathComponent("k.sqlite").path
            let database = try SQLiteDatabase(path: path, mode: .server)
            let store = try await Self.store(database)
            let fixture = try await ContractFixture(.sqlite)
            key = try fixture.key("first", labels: [])
            let (organization, user, first) = (fixture.organization, fixture.user, key)
            _ = try await store.commit { _ in
                Prepared([.insertOrganization(organization), .insertUser(user), .insertKey(first)], ())
            }
        }

        static func store(_ database: SQLiteDatabase) async throws -> Store {
            try await Store(
                database: database, memory: RecordCache(capacityInBytes: 1 << 20), nodeName: "node-a",
                clock: ContractFixture.clock, logger: ContractFixture.logger)
        }

        func open(_ mode: SQLiteDatabase.Mode = .local) throws -> SQLiteDatabase {
            try SQLiteDatabase(path: path, mode: mode)
        }
    }

    private static func target(_ backend: Backend) throws -> String {
        guard case .postgreSQL(let version) = backend else { throw ContractFixture.BadFixture() }
        return try PostgreSQLServer.running(version).newDatabase()
    }

    private static func move(
        _ origin: Origin, to url: String, progress: @escaping @Sendable (Int64, Int64) -> Void = { _, _ in }
    ) async throws -> StoreMove.Summary {
        let database = try await PostgreSQLDatabase(url: url, connections: 1, patience: .seconds(60))
        defer { database.close() }
        return try await StoreMove(
            from: try origin.open(.server), to: database, trail: AuditTrail(secret: nil), clock: ContractFixture.clock
        ).run(progress: progress)
    }

    private static func store(_ url: String) async throws -> (Store, PostgreSQLDatabase) {
        let database = try await PostgreSQLDatabase(url: url, connections: 2)
        let store = try await Store(
            database: database, memory: RecordCache(capacityInBytes: 1 << 20), part: .beside(leaseSeconds: 5),
            nodeName: "node-b", clock: ContractFixture.clock, logger: ContractFixture.logger)
        return (store, database)
    }

    @Test func `every table of the schema moves, but for the log of changes and the mark of the move`() async throws {
        let fixture = try await ContractFixture(.sqlite)
        let tables = try await fixture.database.read {
            try $0.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", [])
        }
        let names = Set(try tables.map { try $0.text(0) })
        #expect(names.subtracting(MovedTable.all.map(\.name)) == ["change_log", "store_move"])
        #expect(names.isSuperset(of: MovedTable.all.map(\.name)))
    }

    @Test(arguments: Backend.postgreSQL)
    func `what was there is there, the log begins behind the file's, and the file is not served any more`(
        _ backend: Backend
    ) async throws {
        let (origin, url) = (try await Origin(), try Self.target(backend))
        let revision = try await origin.open().read { try $0.lastRevision() }
        let summary = try await Self.move(origin, to: url)
        #expect(summary.rows.first { $0.table == "api_key" }?.count == 1)
        let (store, database) = try await Self.store(url)
        defer { database.close() }
        let key = origin.key
        #expect(try await store.read { try $0.key(key.id, of: key.organization) } == key)
        let log = try await database.read { connection in
            try connection.rows(
                "SELECT seq, link, at, effect, digest, pepper_id, organization_id FROM change_log ORDER BY seq", []
            ).map { try LoggedChange($0) }
        }
        #expect(log.map(\.revision) == [revision + 1])
        #expect(log.first?.effect == .everything && log.first?.stands(behind: []) == true)
        let counted = try await database.read {
            try $0.row("SELECT reltuples::int8 FROM pg_class WHERE relname = 'api_key'", [])?.integer(0)
        }
        #expect(counted == 1, "the server plans without statistics")

        await #expect(throws: StoreError.self) { _ = try await Origin.store(try origin.open()) }
        await #expect(throws: StoreError.self) { _ = try await Self.move(origin, to: try Self.target(backend)) }
        await #expect(throws: StoreError.self) { _ = try await Self.move(origin, to: url) }
        _ = try await origin.open().undoMove()
        _ = try await Origin.store(try origin.open())
    }

    /// As docs/scaling.md asks for: a role that owns its database and nothing else.
    @Test(arguments: Backend.postgreSQL)
    func `a role that is no superuser can be moved to`(_ backend: Backend) async throws {
        guard case .postgreSQL(let version) = backend else { throw ContractFixture.BadFixture() }
        let (origin, url) = (try await Origin(), try Self.target(backend))
        let database = try #require(URL(string: url)?.lastPathComponent)
        let role = "owner_of_\(database)"
        let server = try PostgreSQLServer.running(version)
        try server.psql(database, "CREATE ROLE \(role) LOGIN; ALTER DATABASE \(database) OWNER TO \(role)")
        try server.psql(database, "ALTER SCHEMA public OWNER TO \(role)")
        let summary = try await Self.move(origin, to: url.replacingOccurrences(of: "keybearer@", with: "\(role)@"))
        #expect(summary.rows.first { $0.table == "api_key" }?.count == 1)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a server with data of its own is refused and stays as it was`(_ backend: Backend) async throws {
        let origin = try await Origin()
        let fixture = try await ContractFixture(backend)
        let database = try #require(fixture.database as? PostgreSQLDatabase)
        let target = try await PostgreSQLDatabase(
            address: database.address, connections: 1, patience: .seconds(5), configuration: nil)
        defer { target.close() }
        await #expect(throws: StoreError.self) {
            _ = try await StoreMove(
                from: try origin.open(.server), to: target, trail: AuditTrail(secret: nil),
                clock: ContractFixture.clock
            ).run { _, _ in }
        }
        #expect(try await fixture.store.read { try $0.user(.id(fixture.user.id)) } == fixture.user)
        _ = try await Origin.store(try origin.open())
    }

    @Test(arguments: Backend.postgreSQL)
    func `a file that was changed while it moved is not left, and the next attempt takes the change along`(
        _ backend: Backend
    ) async throws {
        let (origin, url) = (try await Origin(), try Self.target(backend))
        let path = origin.path
        await #expect(throws: StoreError.self) {
            _ = try await Self.move(origin, to: url) { _, _ in Self.disableKeys(path) }
        }
        await #expect(throws: StoreError.self) { _ = try await Self.store(url) }
        _ = try await Origin.store(try origin.open())
        _ = try await Self.move(origin, to: url)
        let (store, database) = try await Self.store(url)
        defer { database.close() }
        let key = origin.key
        #expect(try await store.read { try $0.key(key.id, of: key.organization) }?.isDisabled == true)
    }

    /// As a command beside a server would, and before the move's last look at the file.
    private static func disableKeys(_ path: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [
            path,
            """
            BEGIN IMMEDIATE; UPDATE api_key SET is_disabled = 1;
            INSERT INTO change_log (seq, at, effect) SELECT max(seq) + 1, max(at), 'everything' FROM change_log; COMMIT
            """,
        ]
        do {
            try process.runAlone()
            process.waitUntilExit()
        } catch {
            Issue.record("sqlite3 is missing: \(error)")
        }
    }
}
