import Foundation
import KeybearerAdministration
import KeybearerTestHarness
import KeybearerVerification
import Synchronization
import Testing

@testable import KeybearerStore

/// What a server over a network can do to its clients, and a file cannot.
@Suite(.serialized) struct `The PostgreSQL driver` {
    private static func database(_ backend: Backend, patience: Duration = .seconds(1)) async throws
        -> (PostgreSQLDatabase, PostgreSQLServer)
    {
        guard case .postgreSQL(let version) = backend else { throw ContractFixture.BadFixture() }
        let server = try PostgreSQLServer.running(version)
        return (
            try await PostgreSQLDatabase(url: try server.newDatabase(), connections: 2, patience: patience), server
        )
    }

    @Test(arguments: Backend.postgreSQL)
    func `both drivers have the same tables with the same columns`(_ backend: Backend) async throws {
        let (database, _) = try await Self.database(backend)
        defer { database.close() }
        let embedded = try await ContractFixture(.sqlite)
        let expected = try await embedded.database.read {
            try $0.rows(
                """
                SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                WHERE m.type = 'table' ORDER BY 1
                """, [])
        }
        let found = try await database.read {
            try $0.rows(
                """
                SELECT (table_name || '.' || column_name)::text COLLATE "C" FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name <> 'schema_version'
                    AND NOT (table_name = 'change_log' AND column_name = 'link')
                    AND table_name NOT LIKE 'cluster%' ORDER BY 1
                """, [])
        }
        #expect(found.map(\.values) == expected.map(\.values))
    }

    @Test(arguments: Backend.postgreSQL)
    func `a transaction that fails leaves nothing behind, and its connection works on`(_ backend: Backend) async throws
    {
        let fixture = try await ContractFixture(backend)
        let key = try fixture.key()
        struct Refusal: Error {}
        await #expect(throws: Refusal.self) {
            try await fixture.database.write { connection in
                try connection.insert(key)
                _ = try connection.rows("SELECT 1", [])
                throw Refusal()
            }
        }
        await #expect(throws: PostgreSQLError.self) {
            try await fixture.database.write { connection in
                try connection.insert(key)
                try connection.run("UPDATE api_key SET is_disabled = 7", [])
            }
        }
        #expect(try await fixture.store.read { try $0.keyCount(upTo: 1_000) } == 0)
        try await fixture.write(.insertKey(key))
        #expect(try await fixture.store.read { try $0.keyCount(upTo: 1_000) } == 1)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a server that stops answering costs no more than the deadline, and is used again when it is back`(
        _ backend: Backend
    ) async throws {
        let (database, _) = try await Self.database(backend)
        defer { database.close() }
        let backends = try await database.read {
            try $0.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()", [])
        }
        let pids = try backends.map { pid_t(try $0.integer(0)) }
        // A transaction that read ends after its answer was given.
        try await Task.sleep(for: .milliseconds(100))
        for pid in pids { kill(pid, SIGSTOP) }
        let began = ContinuousClock.now
        await #expect(throws: PostgreSQLError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try await database.read { try $0.rows("SELECT 1", []) } } }
                try await group.waitForAll()
            }
        }
        #expect(began.duration(to: .now) < .seconds(5))
        for pid in pids { kill(pid, SIGCONT) }
        #expect(try await database.read { try $0.rows("SELECT 1", []) }.count == 1)
    }

    @Test(arguments: Backend.postgreSQL)
    func `a commit whose answer never comes has an unknown outcome, and what it touched is denied`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        let stopped = Mutex<pid_t?>(nil)
        let failure = await #expect(throws: Failure.self) {
            _ = try await fixture.store.commit { records in
                guard let records = records as? SQLRecords else { throw ContractFixture.BadFixture() }
                let pid = try #require(try records.connection.row("SELECT pg_backend_pid()", [])?.integer(0))
                stopped.withLock { $0 = pid_t(pid) }
                kill(pid_t(pid), SIGSTOP)
                return Prepared([.updateKey(key)], ())
            }
        }
        if let pid = stopped.withLock({ $0 }) { kill(pid, SIGCONT) }
        #expect(failure?.code == .indeterminate)
        guard case .denied = fixture.memory.lookup(key.digest) else {
            return #expect(Bool(false), "a key whose change may have been made is not denied")
        }
    }

    @Test(arguments: Backend.postgreSQL)
    func `connections that the server ends are made anew`(_ backend: Backend) async throws {
        let (database, _) = try await Self.database(backend)
        defer { database.close() }
        for _ in 0..<3 {
            do {
                _ = try await database.read {
                    try $0.rows(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()", [])
                }
            } catch is PostgreSQLError {}
            // The other connection's end is noticed when it is used.
            for _ in 0..<2 { do { _ = try await database.read { try $0.rows("SELECT 1", []) } } catch {} }
            #expect(try await database.read { try $0.rows("SELECT 1", []) }.count == 1)
        }
    }

    @Test(arguments: Backend.postgreSQL)
    func `a change is heard of at once, and a lost listener hears again`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        guard let database = fixture.database as? PostgreSQLDatabase else { throw ContractFixture.BadFixture() }
        let (hints, heard) = AsyncStream.makeStream(of: String?.self)
        let listener = try PostgreSQLListener(database.address) { heard.yield($0) }
        defer { listener.stop() }
        var next = hints.makeAsyncIterator()
        #expect(await next.next() == .some(nil), "a connection is a hint")
        #if os(Linux)
            // By these names a server tells which of its threads keep their weight. A longer one would not be taken.
            let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap {
                try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
            }
            #expect(names.contains("notifications\n"))
            #expect(names.contains { $0.hasPrefix("postgresql-") })
        #endif
        let revision = try await fixture.write(.insertKey(try fixture.key()))
        #expect(await next.next() == .some("\(revision)"))
        _ = try await database.read {
            try $0.rows(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN%'
                """, [])
        }
        #expect(await next.next() == .some(nil))
        let later = try await fixture.write(.insertKey(try fixture.key()))
        #expect(await next.next() == .some("\(later)"))
    }

    @Test(arguments: Backend.postgreSQL)
    func `a schema that is newer than the program is not touched`(_ backend: Backend) async throws {
        guard case .postgreSQL(let version) = backend else { throw ContractFixture.BadFixture() }
        let url = try PostgreSQLServer.running(version).newDatabase()
        let first = try await PostgreSQLDatabase(url: url, connections: 1)
        try await first.write { try $0.run("UPDATE schema_version SET version = 1000", []) }
        first.close()
        await #expect(throws: StoreError.self) { _ = try await PostgreSQLDatabase(url: url, connections: 1) }
    }

    @Test func `away from this machine the server's certificate is checked unless the URL says otherwise`() throws {
        let cases = [
            ("postgres://k@db.example/k", "verify-full"), ("postgres://k@db.example/k?sslmode=require", "require"),
            ("postgres://k@localhost/k", "prefer"), ("postgres://k@/k?host=/run/postgresql", "prefer"),
            ("postgresql://k@localhost,db.example/k", "verify-full"),
        ]
        for (url, expected) in cases { #expect(try PostgreSQLAddress(url: url).parameters["sslmode"] == expected) }
        let secret = "postgres://k:geheim@[broken/k"
        let error = #expect(throws: PostgreSQLError.self) { try PostgreSQLAddress(url: secret) }
        #expect(error?.description.contains("geheim") == false)
    }
}
