import GRDB
import KeybearerAdministration
import KeybearerVerification
import Logging

/// Moves everything from a file into an empty PostgreSQL. See decision 46.
///
/// Until the last step the server's database is marked as incomplete and nobody serves it, and the file is as it was. A
/// move that was stopped begins anew. The file is marked as left before the server's database is complete, so at no time
/// may both be served.
public struct StoreMove: Sendable {
    public struct Summary: Sendable {
        /// How many there are of each table.
        public let rows: [(table: String, count: Int64)]
        public let auditEvents: Int64
    }

    private let source: SQLiteDatabase
    private let target: PostgreSQLDatabase
    private let trail: AuditTrail
    private let clock: WallClock

    /// - Parameters:
    ///   - source: opened as a server does, so that none can start on it meanwhile.
    ///   - trail: of the source, to recompute its chains at their new place.
    public init(from source: SQLiteDatabase, to target: PostgreSQLDatabase, trail: AuditTrail, clock: WallClock) {
        self.source = source
        self.target = target
        self.trail = trail
        self.clock = clock
    }

    /// - Parameter progress: rows done and rows in all.
    /// - Throws: `StoreError` with one line that says what to do.
    public func run(progress: @escaping @Sendable (Int64, Int64) -> Void) async throws -> Summary {
        do {
            return try await move(progress)
        } catch let error as PostgreSQLError {
            throw StoreError.refused("the server's database: \(error); run this again, it begins anew")
        } catch let error as DatabaseError {
            throw StoreError(error, path: source.path)
        } catch is CommitUnknown {
            throw StoreError.refused("the server did not say whether it has stored the last rows: run this again")
        }
    }

    private func move(_ progress: @Sendable (Int64, Int64) -> Void) async throws -> Summary {
        if let mark = try await source.read({ try $0.moveMark() }), mark.state == .left, mark.place != target.name {
            throw StoreError.refused("this database was moved to \(mark.place) at \(mark.at) already")
        }
        let began = try await target.beginArrival(from: source.path, at: clock.now())
        let snapshot = try source.pool.makeSnapshot()
        let (revision, newest, counts) = try await snapshot.read { database in
            let connection = try SQLiteConnection(of: database)
            return (
                try connection.lastRevision(),
                try connection.row("SELECT max(at) FROM change_log", [])?.optionalTime(0),
                try MovedTable.all.map { try connection.row($0.count, [])?.integer(0) ?? 0 }
            )
        }
        let total = counts.reduce(0, +)
        var done: Int64 = 0
        for table in MovedTable.all { try await copy(table, snapshot, &done, of: total, progress) }
        let heads = try await snapshot.read {
            try SQLRecords(connection: SQLiteConnection(of: $0)).auditHeads()
        }
        try await compare(counts)
        try await target.makeStatistics()
        let events = try await verify(heads)
        try await markAsLeft(at: revision)
        try await target.completeArrival(
            begun: began, from: source.path, revision: revision + 1, at: max(clock.now(), newest ?? began))
        progress(max(total, 1), max(total, 1))
        return Summary(rows: zip(MovedTable.all, counts).map { ($0.name, $1) }, auditEvents: events)
    }

    private func copy(
        _ table: MovedTable, _ snapshot: DatabaseSnapshot, _ done: inout Int64, of total: Int64,
        _ progress: @Sendable (Int64, Int64) -> Void
    ) async throws {
        var after = table.start
        while true {
            let rows = try await snapshot.read { [after] in
                try SQLiteConnection(of: $0).rows(table.select, after)
            }
            guard let last = rows.last else { return }
            try await target.write { connection in
                for row in rows { try connection.run(table.insert, Array(row.values.dropFirst(table.unwritten))) }
            }
            after = Array(last.values.prefix(table.start.count))
            done += Int64(rows.count)
            // The last per cent is for what is checked.
            progress(min(done, total - 1 - total / 100), total)
            guard rows.count == MovedTable.rowsAtOnce else { return }
        }
    }

    private func compare(_ counts: [Int64]) async throws {
        let arrived = try await target.movedCounts()
        for (table, (expected, found)) in zip(MovedTable.all, zip(counts, arrived)) where expected != found {
            throw StoreError.refused(
                "\(table.name) has \(found) rows on the server and \(expected) in the file: run this again")
        }
    }

    /// Recomputes every chain where it stands now, and finds in it the head that it had in the file.
    private func verify(_ heads: [AuditHead]) async throws -> Int64 {
        let store = try await Store(arriving: target, clock: clock)
        switch try await trail.verify(store, against: heads, progress: { _ in }) {
        case .intact(let events): return events
        case .broken(let chain, let position, let reason):
            throw StoreError.refused(
                """
                audit chain \(chain) breaks at event \(position) (\(reason)): look at it with `keybearer audit verify` \
                on the file before it is moved
                """)
        case .truncated(let head), .pruned(let head, _):
            throw StoreError.refused("audit chain \(head.chain) has not arrived as it was: run this again")
        }
    }

    /// - Parameter revision: the last change that the copy holds.
    private func markAsLeft(at revision: Int64) async throws {
        let mark = MoveMark(state: .left, place: target.name, at: clock.now())
        try await source.write { connection in
            guard try connection.lastRevision() == revision else {
                throw StoreError.refused("a local command has changed the file meanwhile: run this again")
            }
            try connection.write(mark)
        }
    }
}

extension PostgreSQLDatabase {
    /// Marks the database as incomplete and empties it of what an earlier attempt has left.
    ///
    /// - Returns: what names this attempt.
    fileprivate func beginArrival(from source: String, at now: Timestamp) async throws -> Timestamp {
        try await write { connection in
            try connection.run("SET LOCAL statement_timeout = 0", [])
            // Kept for the session: two attempts at once would undo each other.
            guard try connection.row("SELECT pg_try_advisory_lock(7018141428551340658)", [])?.flag(0) == true else {
                throw StoreError.refused("another `keybearer migrate-store` writes into this database at this moment")
            }
            switch try connection.moveMark()?.state {
            case .arriving: break
            case .arrived, .left:
                throw StoreError.refused("a move into this database has been completed before: name an empty one")
            case nil:
                let isServed = try connection.row("SELECT 1 FROM cluster_node LIMIT 1", []) != nil
                let isUsed = try connection.row("SELECT 1 FROM change_log LIMIT 1", []) != nil
                let hasRows = try MovedTable.all.contains { try connection.row($0.count, [])?.integer(0) != 0 }
                guard !isServed, !isUsed, !hasRows else {
                    throw StoreError.refused("the server's database has data or nodes of its own: name an empty one")
                }
            }
            try connection.write(MoveMark(state: .arriving, place: source, at: now))
            try connection.run(
                """
                TRUNCATE organization, person, member, role, api_key, api_key_label, key_last_use, usage_hourly,
                    permission_last_use, key_denial, session, operator_token, invitation, sign_in_link,
                    remembered_answer, device_login, audit_checkpoint, audit_event
                """, [])
            return now
        }
    }

    fileprivate func movedCounts() async throws -> [Int64] {
        try await write { connection in
            try connection.run("SET LOCAL statement_timeout = 0", [])
            return try MovedTable.all.map { try connection.row($0.count, [])?.integer(0) ?? 0 }
        }
    }

    /// What the server plans by. It comes by itself a minute later; until then the server sorts every key for each page of
    /// them that a node fills its memory with.
    ///
    /// Of the role's own tables only: for others the server warns, and a warning makes a commit's outcome unknown.
    fileprivate func makeStatistics() async throws {
        try await write { connection in
            try connection.run("SET LOCAL statement_timeout = 0", [])
            try connection.run(
                """
                DO $$
                DECLARE own name;
                BEGIN
                    FOR own IN SELECT tablename FROM pg_tables
                        WHERE schemaname = current_schema() AND tableowner = current_user
                    LOOP
                        EXECUTE format('ANALYZE %I', own);
                    END LOOP;
                END $$
                """, [])
        }
    }

    /// Writes the first row of the change log, which goes on from the file's revisions, and lets the database be served.
    fileprivate func completeArrival(
        begun: Timestamp, from source: String, revision: Int64, at now: Timestamp
    ) async throws {
        try await write { connection in
            try connection.run("SELECT pg_advisory_xact_lock(7018141428551340656)", [])
            guard let mark = try connection.moveMark(), mark.state == .arriving, mark.at == begun else {
                throw StoreError.refused("another `keybearer migrate-store` has begun meanwhile: run this again")
            }
            try connection.run(
                """
                INSERT INTO change_log (seq, at, effect, link)
                VALUES ($1, $2, 'everything', sha256(convert_to(concat_ws(',', $1::bigint, $2::bigint, 'everything',
                    '-', '-', '-'), 'UTF8')))
                """, [.integer(revision), .time(now)])
            try connection.write(MoveMark(state: .arrived, place: source, at: now))
        }
    }
}
