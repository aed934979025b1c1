import GRDB
import KeybearerAdministration
import KeybearerVerification
import Logging
import Synchronization

/// The one store: rows, audit events and the change log of a commit are one transaction, and memory has forgotten
/// what the commit touched before the commit is answered.
public final class Store: Sendable {
    private let database: any Database
    private let memory: RecordCache
    private let nodeName: String
    private let clock: WallClock
    private let logger: Logger
    private let feed: Feed
    private let applied: Mutex<Applied>

    /// How far memory has followed the file.
    private struct Applied {
        var revision: Int64
        var dataVersion: Int64
    }

    /// How memory learns of what others commit.
    private enum Feed {
        /// The file is asked at every verification.
        case file(ForeignCommits)
        /// There is nobody to ask: memory is never believed.
        case none

        func version() -> Int64? {
            switch self {
            case .file(let commits): commits.version()
            case .none: nil
            }
        }
    }

    /// - Parameter memory: what verification answers from; empty at first.
    public convenience init(
        database: SQLiteDatabase, memory: RecordCache, nodeName: String, clock: WallClock, logger: Logger
    ) async throws {
        let commits = try ForeignCommits(path: database.path)
        guard commits.version() != nil else {
            throw StoreError.unreadable(path: database.path, reason: "its version cannot be read")
        }
        try await self.init(database, .file(commits), memory, nodeName, clock, logger)
    }

    /// - Parameter memory: what verification answers from; empty at first.
    public convenience init(
        database: PostgreSQLDatabase, memory: RecordCache, nodeName: String, clock: WallClock, logger: Logger
    ) async throws {
        try await self.init(database, .none, memory, nodeName, clock, logger)
    }

    private init(
        _ database: any Database, _ feed: Feed, _ memory: RecordCache, _ nodeName: String, _ clock: WallClock,
        _ logger: Logger
    ) async throws {
        self.database = database
        self.feed = feed
        self.memory = memory
        self.nodeName = nodeName
        self.clock = clock
        self.logger = logger
        let version = feed.version() ?? 0
        let revision = try await database.read { try $0.lastRevision() }
        applied = Mutex(Applied(revision: revision, dataVersion: version))
    }

    func now() -> Timestamp { clock.now() }

    func withConnection<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws
        -> Value
    {
        try await translating { try await self.database.read(body) }
    }

    func withWritingConnection<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await translating { try await self.database.write(body) }
    }

    /// Whether the file can be asked what has changed, without which no answer is safe.
    public func canDecide() -> Bool { feed.version() != nil }

    /// The newest time that the database knows, below which the clock must not fall.
    public func newestTime() async throws -> Timestamp? {
        try await database.read { connection in
            try connection.row("SELECT max(at) FROM change_log", [])?.optionalTime(0)
        }
    }
}

extension Store: Ledger {
    public func read<Value: Sendable>(_ body: @escaping @Sendable (any Records) throws -> Value) async throws -> Value {
        try await translating { try await self.database.read { try body(SQLRecords(connection: $0)) } }
    }

    public func commit<Value: Sendable>(
        _ prepare: @escaping @Sendable (any Records) throws -> Prepared<Value>
    ) async throws -> Committed<Value> {
        let touched = Mutex<[CacheEffect]>([])
        let now = clock.now()
        do {
            let changed = try await translating {
                try await self.database.change(at: now) { connection in
                    let prepared = try prepare(SQLRecords(connection: connection))
                    var effects: [CacheEffect] = []
                    for change in prepared.changes {
                        try connection.apply(change)
                        if let effect = change.cacheEffect, !effects.contains(effect) { effects.append(effect) }
                    }
                    let missed = try self.missed(connection)
                    touched.withLock { $0 = missed + effects }
                    return (prepared.value, effects)
                }
            }
            let revision = changed.revision
            memory.apply(touched.withLock { $0 })
            applied.withLock { $0.revision = max($0.revision, revision) }
            return Committed(
                value: changed.result,
                barrier: Barrier(
                    revision: revision, acknowledgedBy: [nodeName], unreachable: [], completedBy: .acknowledgement))
        } catch let failure as Failure where failure.code == .indeterminate {
            denyInMemory(touched.withLock { $0 })
            throw failure
        }
    }

    /// What another process has committed to the file since: a revision of our own speaks for all before it. Nodes
    /// that share a server follow its log instead.
    private func missed(_ connection: any Connection) throws -> [CacheEffect] {
        guard case .file = feed else { return [] }
        return try connection.effects(after: revision).effects
    }

    public func add(_ usage: UsageBatch) async throws {
        try await translating { try await self.database.write { try $0.add(usage) } }
    }

    /// Nobody knows whether the change took place: until somebody does, what it touched is refused.
    private func denyInMemory(_ effects: [CacheEffect]) {
        logger.error("a commit's outcome is unknown; what it touched is denied until it is changed again")
        for effect in effects {
            switch effect {
            case .key(let digest): memory.deny(digest)
            case .organization(let id): memory.invalidate(organization: id)
            case .everything: memory.invalidateAll()
            }
        }
    }

    /// The store's own errors become failures; everything that the body threw passes as it is.
    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch is CommitUnknown {
            throw Failure(.indeterminate, "The database did not say whether the change was made; ask, then repeat it.")
        } catch let error as DatabaseError {
            logger.error("database: \(error.resultCode) \(error.message ?? "")")
            let detail =
                error.resultCode == .SQLITE_FULL
                ? "The server's disk is full; nothing was changed."
                : "The database cannot be used; nothing was changed."
            throw Failure(.unavailable, detail, retryAfterSeconds: 5)
        } catch let error as PostgreSQLError {
            logger.error("database: \(error)")
            let detail =
                error.isDiskFull
                ? "The database's disk is full; nothing was changed."
                : "The database cannot be used; nothing was changed."
            throw Failure(.unavailable, detail, retryAfterSeconds: 1)
        } catch let error as CorruptRow {
            logger.error("database: a row does not fit its schema (column \(error.column))")
            throw Failure(.unavailable, "The database holds a row that cannot be read.")
        }
    }
}

extension Store: Freshness {
    /// True while no other connection has committed since memory last caught up.
    public func isCurrent() -> Bool {
        guard let version = feed.version() else { return false }
        return applied.withLock { $0.dataVersion == version }
    }

    /// Applies to memory what was committed since, by this process or by another.
    public func catchUp() async throws {
        guard let version = feed.version() else {
            throw Failure(.unavailable, "The database cannot be asked for changes.")
        }
        let known = applied.withLock { $0.revision }
        let (effects, revision) = try await translating {
            try await self.database.read { try $0.effects(after: known) }
        }
        memory.apply(effects)
        applied.withLock { applied in
            // The version was read before the log, so a commit in between is seen by the next question.
            applied.dataVersion = version
            applied.revision = max(applied.revision, revision)
        }
    }

    public var revision: Int64 { applied.withLock { $0.revision } }
}
