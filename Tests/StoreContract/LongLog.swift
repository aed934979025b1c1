import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Testing

@testable import KeybearerStore

/// A busy day leaves a million changes in the log, and each change holds everybody else up while it appends to it.
@Suite struct `A long change log` {
    private static let length: Int64 = 20_000

    /// How many rows of the log were read in the order they lie in, instead of by their number.
    private static func rowsReadInPassing(_ database: any Database) async throws -> Int64 {
        _ = try await database.read { try $0.rows("SELECT pg_stat_force_next_flush()", []) }
        return try await database.read { connection in
            try connection.row("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'change_log'", [])?
                .integer(0) ?? 0
        }
    }

    /// A change, and what nodes do after it.
    private static func change(_ fixture: ContractFixture, _ database: PostgreSQLDatabase, _ renewal: inout Int64)
        async throws
    {
        let (id, now) = (NodeID(high: 0, low: 1), ContractFixture.start)
        let revision = try await fixture.write()
        _ = try #require(try await database.send(.follow(id, renewal: renewal, applied: revision - 1)).rows)
        #expect(try await database.send(.acknowledge(id, renewal: renewal, applied: revision)))
        _ = try #require(try await database.send(.renew(id, renewal: renewal, applied: revision, at: now)).rows)
        renewal += 1
        #expect(try await database.send(.look(for: [revision])).rows.map(\.acknowledged) == [revision])
    }

    @Test(arguments: Backend.postgreSQL)
    func `is never read as a whole by a change, a node or a revoke`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        guard let database = fixture.database as? PostgreSQLDatabase else { throw ContractFixture.BadFixture() }
        let now = ContractFixture.start
        #expect(
            try await database.send(
                .register(NodeID(high: 0, low: 1), name: "a", lease: .seconds(5), at: now)))
        var renewal: Int64 = 0
        // While it is short, so that the server settles for plans that suit a short one.
        for _ in 0..<8 { try await Self.change(fixture, database, &renewal) }
        try await fixture.database.write { connection in
            try connection.run(
                """
                INSERT INTO change_log (seq, at, effect, link)
                SELECT last.seq + number, last.at, 'none', last.link
                FROM (SELECT seq, at, link FROM change_log ORDER BY seq DESC LIMIT 1) last,
                    generate_series(1, $1::bigint) number
                """, [.integer(Self.length)])
        }
        // As the server does by itself within a minute.
        try await fixture.database.write { try $0.run("ANALYZE change_log", []) }
        let before = try await Self.rowsReadInPassing(database)
        for _ in 0..<8 { try await Self.change(fixture, database, &renewal) }
        try await fixture.store.trimLog(before: now)
        let read = try await Self.rowsReadInPassing(database) - before
        #expect(read < Self.length, "\(read) rows")
    }
}
