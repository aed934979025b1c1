import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification

/// The driver for many nodes: one PostgreSQL, 13 or later, reached through libpq.
public final class PostgreSQLDatabase: Sendable {
    let address: PostgreSQLAddress
    /// What this process decides by; nil where it does not matter.
    let configuration: ConfigurationDigest?
    private let pool: PostgreSQLPool

    /// Connects, and brings the schema up to date.
    ///
    /// - Parameters:
    ///   - url: `postgres://…`; away from this machine TLS with the server's name checked is the default.
    ///   - connections: how many at most at once, each with a thread of its own.
    ///   - patience: how long any transaction may take, from being asked for to its last answer.
    ///   - configuration: what this process decides by: where another is in force, it changes nothing and joins no
    ///     other node.
    /// - Throws: `StoreError` with one line that says what to do.
    public convenience init(
        url: String, connections: Int = 8, patience: Duration = .seconds(5), configuration: ConfigurationDigest? = nil
    ) async throws {
        let address: PostgreSQLAddress
        do {
            address = try PostgreSQLAddress(url: url)
        } catch {
            throw StoreError.refused(error.description)
        }
        try await self.init(
            address: address, connections: connections, patience: patience, configuration: configuration)
    }

    init(
        address: PostgreSQLAddress, connections: Int, patience: Duration, configuration: ConfigurationDigest?
    ) async throws {
        self.address = address
        self.configuration = configuration
        do {
            pool = PostgreSQLPool(address, connections: connections, patience: patience)
            try await migrate()
        } catch let error as PostgreSQLError {
            throw StoreError.refused(error.description)
        }
    }

    /// Where the data is, for log lines; without user or password.
    public var name: String { address.name }

    /// Closes the connections; what was begun ends first.
    public func close() { pool.close() }

    /// Runs `body` on a link and gives its thread back when it returns.
    func withLink<Result: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLLink, ContinuousClock.Instant) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { link, deadline in
                continuation.resume(with: Swift.Result { try body(try link.get(), deadline) })
            }
        }
    }

    /// Sends a statement of the protocol between nodes.
    ///
    /// - Throws: `CommitUnknown` where the message may have arrived and its answer did not.
    func send<Answer>(_ message: ClusterMessage<Answer>) async throws -> Answer {
        try await withLink { link, deadline in try link.send(message, deadline: deadline) }
    }

}

extension PostgreSQLDatabase: Database {
    func read<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { link, deadline in
                do {
                    try link.get().read(deadline: deadline, body) { continuation.resume(returning: $0) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Result,
        then committed: @escaping @Sendable (_ result: Result, _ isLast: Bool) -> Void
    ) async throws -> Result {
        try await withLink { link, deadline in
            let result = try link.write(deadline: deadline) { try body($0) }
            committed(result, true)
            return result
        }
    }

    func change<Result: Sendable>(
        at now: Timestamp, _ body: @escaping @Sendable (any Connection) throws -> (Result, [CacheEffect]),
        then committed: @escaping @Sendable (_ change: Changed<Result>, _ isLast: Bool) -> Void
    ) async throws -> Changed<Result> {
        try await withLink { [configuration] link, deadline in
            let changed = try link.write(deadline: deadline) { connection in
                let (result, effects) = try body(connection)
                try connection.appendToLog(effects, at: now, as: configuration)
                return Changed(result: result, place: LogPlace(revision: 0, link: []))
            } then: { changed, rows in
                guard let last = rows.first else { throw CommitUnknown() }
                return Changed(
                    result: changed.result, place: LogPlace(revision: try last.integer(0), link: try last.blob(1)))
            }
            committed(changed, true)
            return changed
        }
    }
}

extension PostgreSQLConnection {
    /// Takes the log's lock and the next revisions: the last statements before COMMIT. The lock is kept until the
    /// commit is visible, so revisions become visible in their order and without gaps. The log's last row is looked up
    /// by itself before it is set beside the one that stands for an empty log: together they would be read as a whole.
    fileprivate func appendToLog(
        _ effects: [CacheEffect], at now: Timestamp, as configuration: ConfigurationDigest?
    ) throws {
        try run("SELECT pg_advisory_xact_lock(7018141428551340656)", [])
        if let configuration { try run("SELECT require_configuration($1)", [.blob(configuration.bytes)]) }
        let columns = effects.isEmpty ? [CacheEffect.nothingToForget] : effects.map(\.columns)
        for values in columns {
            try run(
                """
                INSERT INTO change_log (seq, at, effect, digest, pepper_id, organization_id, link)
                SELECT last.seq + 1, new.at, new.effect, new.digest, new.pepper_id, new.organization_id,
                    sha256(last.link || convert_to(concat_ws(',', last.seq + 1, new.at, new.effect,
                        coalesce(encode(new.digest, 'hex'), '-'), coalesce(new.pepper_id, '-'),
                        coalesce(new.organization_id, '-')), 'UTF8'))
                FROM (SELECT $1::bigint AS at, $2::text AS effect, $3::bytea AS digest, $4::text AS pepper_id,
                        $5::text AS organization_id) new,
                    ((SELECT seq, link FROM change_log ORDER BY seq DESC LIMIT 1)
                        UNION ALL SELECT 0, '\\x'::bytea ORDER BY seq DESC LIMIT 1) last
                """, [.time(now)] + values)
        }
        try run(
            """
            SELECT seq, link, pg_notify('keybearer', seq::text)::text
            FROM (SELECT seq, link FROM change_log ORDER BY seq DESC LIMIT 1) last
            """, [])
    }
}

extension CacheEffect {
    static let nothingToForget: [SQLValue] = [.text("none"), .null, .null, .null]

    /// `effect`, `digest`, `pepper_id` and `organization_id` of the change log.
    var columns: [SQLValue] {
        switch self {
        case .key(let digest): [.text("key"), .blob(digest.bytes), .text(digest.pepperID), .null]
        case .organization(let id): [.text("organization"), .null, .null, .text(id)]
        case .everything: [.text("everything"), .null, .null, .null]
        }
    }
}
