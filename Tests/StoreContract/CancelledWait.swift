import KeybearerTestHarness
import Testing

@testable import KeybearerStore

@Suite(.serialized, .timeLimit(.minutes(5))) struct `A wait for the standby that is cancelled` {
    /// The change is there, but a standby that takes over would not have it. One statement travels without COMMIT.
    @Test(arguments: [1, 2])
    func `A40 leaves the outcome unknown, of a lone statement as of several`(statements: Int) async throws {
        let pair = try ReplicatedPostgreSQL()
        let database = try await PostgreSQLDatabase(
            url: "postgres://keybearer@127.0.0.1:\(pair.primary.port)/keybearer", connections: 2,
            patience: .seconds(60))
        defer { database.close() }
        _ = try await database.write { try $0.run("CREATE TABLE notes (text TEXT)", []) }
        pair.standby.pause()
        defer { pair.standby.resume() }
        let writing = Task {
            try await database.write { records in
                for _ in 0..<statements { try records.run("INSERT INTO notes VALUES ('kept')", []) }
            }
        }
        let cancelled = """
            SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity
            WHERE datname = 'keybearer' AND wait_event = 'SyncRep'
            """
        let limit = ContinuousClock.now + .seconds(20)
        while try pair.primary.query(cancelled) == "0" {
            try #require(ContinuousClock.now < limit, "nobody waits for the standby")
            try await Task.sleep(for: .milliseconds(20))
        }
        await #expect(throws: CommitUnknown.self) { try await writing.value }
        let kept = try await database.read { try $0.row("SELECT count(*) FROM notes", [])?.integer(0) }
        #expect(kept == Int64(statements))
    }
}
