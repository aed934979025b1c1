import GRDB
import KeybearerAdministration
import KeybearerCluster
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
    let feed: Feed
    private let catchingUp = JointQuestion<Void>()
    /// How far memory has followed the log, and the file's last commit that it reflects. What a commit changed is
    /// applied to memory before its mark is noted here.
    private let appliedRevision: Atomic<Int64>
    private let appliedMark: Atomic<UInt64>
    /// Which of the file's commits this process's last one is, or will be once it is made.
    private let ownCommit = Atomic<UInt32>(0)
    /// The file's last commit when that one was prepared.
    private let markBeforeOwn = Atomic<UInt64>(0)

    /// How memory learns of what others commit.
    enum Feed {
        /// The file's shared index is looked at on every verification.
        case file(CommitWatch)
        /// One of many nodes: the lease is looked at on every verification.
        case lease(ClusterNode, ClusterBarrier)
        /// Beside many nodes without being one: memory is never believed.
        case none(ClusterBarrier)

        var watch: CommitWatch? {
            if case .file(let watch) = self { watch } else { nil }
        }
    }

    /// - Parameter memory: what verification answers from; empty at first.
    public convenience init(
        database: SQLiteDatabase, memory: RecordCache, nodeName: String, clock: WallClock, logger: Logger
    ) async throws {
        try await database.mustHoldItsData()
        try await self.init(
            database, .file(try CommitWatch(path: database.path, committing: database.committing)), memory, nodeName,
            clock, logger)
    }

    /// - Parameters:
    ///   - memory: what verification answers from; empty at first.
    ///   - part: what this process is among the nodes.
    public convenience init(
        database: PostgreSQLDatabase, memory: RecordCache, part: ClusterPart, nodeName: String, clock: WallClock,
        logger: Logger
    ) async throws {
        try await database.mustHoldItsData()
        let barrier = ClusterBarrier(database, lease: part.lease, clock: clock, logger: logger)
        switch part.role {
        case .beside: try await self.init(database, .none(barrier), memory, nodeName, clock, logger)
        case .node:
            let node = try ClusterNode(
                database.address, name: nodeName, timing: Timing(lease: part.lease),
                configuration: database.configuration, memory: memory, clock: clock, logger: logger)
            try await self.init(database, .lease(node, barrier), memory, nodeName, clock, logger)
        }
    }

    /// On a database that is being filled, only to look at what has arrived.
    convenience init(arriving database: PostgreSQLDatabase, clock: WallClock) async throws {
        let logger = Logger(label: "keybearer", factory: { _ in SwiftLogNoOpLogHandler() })
        try await self.init(
            database, .none(ClusterBarrier(database, lease: .seconds(1), clock: clock, logger: logger)),
            RecordCache(capacityInBytes: 1 << 20), "", clock, logger)
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
        // Read before the log, so that a commit in between is seen by the first question.
        appliedMark = Atomic(feed.watch?.mark() ?? 0)
        appliedRevision = Atomic(try await database.read { try $0.lastRevision() })
    }

    func now() -> Timestamp { clock.now() }

    func withConnection<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws
        -> Value
    {
        try mustBeAdmitted()
        return try await translating { try await self.database.read(body) }
    }

    func withWritingConnection<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await translating { try await self.database.write(body) }
    }

    /// Whether the file can be asked what has changed, or the lease lasts, without which no answer is safe.
    public func canDecide() -> Bool {
        switch feed {
        case .file(let watch): watch.canBeAsked()
        case .lease(let node, _): node.isLeased
        case .none: false
        }
    }

    /// Gives the lease back; nothing may be decided afterwards.
    public func leave() async {
        if case .lease(let node, _) = feed { await node.stop() }
    }

    /// A node that decides by a configuration which is not in force must not answer people either.
    private func mustBeAdmitted() throws {
        if case .lease(let node, _) = feed, let refusal = node.refusal { throw refusal }
    }

    /// The newest time that the database knows, below which the clock must not fall.
    public func newestTime() async throws -> Timestamp? {
        try await database.read { connection in
            try connection.row("SELECT max(at) FROM change_log", [])?.optionalTime(0)
        }
    }
}

extension Store: Ledger {
    public func read<Value: Sendable>(_ body: @escaping @Sendable (any Records) throws -> Value) async throws -> Value {
        try mustBeAdmitted()
        return try await translating { try await self.database.read { try body(SQLRecords(connection: $0)) } }
    }

    public func glance<Value: Sendable>(
        _ body: @escaping @Sendable (any Records) throws -> Value
    ) async throws -> Value {
        try mustBeAdmitted()
        return try await translating { try await self.database.glance { try body(SQLRecords(connection: $0)) } }
    }

    public func commit<Value: Sendable>(
        _ prepare: @escaping @Sendable (any Records) throws -> Prepared<Value>
    ) async throws -> Committed<Value> {
        try mustBeAdmitted()
        let touched = Mutex<[CacheEffect]>([])
        let number = Atomic<UInt32>(0)
        let now = clock.now()
        let breakable = BreakableCommit<Value>()
        do {
            let changed = try await translating {
                try await self.database.change(
                    at: now,
                    { connection in
                        if let watch = self.feed.watch { number.store(self.numberOwn(watch), ordering: .relaxed) }
                        let prepared = try prepare(SQLRecords(connection: connection))
                        breakable.note(prepared)
                        var effects: [CacheEffect] = []
                        for change in prepared.changes {
                            try connection.apply(change, at: now)
                            if let effect = change.cacheEffect, !effects.contains(effect) { effects.append(effect) }
                        }
                        let missed = try self.missed(connection)
                        touched.withLock { $0 = missed + effects }
                        return ((prepared.value, Reach(prepared.changes)), effects)
                    },
                    then: { changed, isLast in
                        self.memory.apply(touched.withLock { $0 })
                        self.note(changed.place, number.load(ordering: .relaxed), isLast: isLast)
                    })
            }
            let (value, reach) = changed.result
            return Committed(value: value, barrier: try await inForce(changed.place, reach, since: breakable.began))
        } catch let failure as Failure where failure.code == .indeterminate {
            denyInMemory(touched.withLock { $0 })
            guard let value = breakable.presumed else { throw failure }
            return Committed(
                value: value,
                barrier: Barrier(revision: revision, acknowledgedBy: [], unreachable: [], completedBy: .acknowledgement)
            )
        }
    }

    /// Which of the file's commits the one will be that is being prepared: nobody else commits meanwhile.
    private func numberOwn(_ watch: CommitWatch) -> UInt32 {
        let number = watch.count() &+ 1
        markBeforeOwn.store(watch.mark(), ordering: .relaxed)
        // After the mark: who reads this number then reads no older one.
        ownCommit.store(number, ordering: .releasing)
        return number
    }

    /// Memory reflects all up to a change of this process, and with the last of a commit all of that; where another
    /// commit has followed, the next question catches up.
    private func note(_ place: LogPlace, _ commit: UInt32, isLast: Bool) {
        guard let watch = feed.watch else { return }
        appliedRevision.max(place.revision, ordering: .relaxed)
        guard isLast, let mark = watch.mark(ofCommit: commit) else { return }
        appliedMark.store(mark, ordering: .releasing)
    }

    /// Returns once a commit is in force wherever keys are verified.
    ///
    /// - Parameter since: nil for now, after the commit.
    private func inForce(_ place: LogPlace, _ reach: Reach, since: Moment?) async throws -> Barrier {
        switch feed {
        case .file:
            return Barrier(
                revision: place.revision, acknowledgedBy: [nodeName], unreachable: [], completedBy: .acknowledgement)
        case .lease(let node, let barrier):
            let began = since ?? Moment.now()
            node.hint(place.revision)
            return try await wait(barrier, place, reach, began, isFollowed: node.revision >= place.revision)
        case .none(let barrier): return try await wait(barrier, place, reach, since ?? Moment.now())
        }
    }

    private func wait(
        _ barrier: ClusterBarrier, _ place: LogPlace, _ reach: Reach, _ began: Moment, isFollowed: Bool = false
    ) async throws -> Barrier {
        if reach == .nothing {
            return Barrier(revision: place.revision, acknowledgedBy: [], unreachable: [], completedBy: nil)
        }
        do {
            return try await barrier.wait(
                for: place, since: began,
                atMost: reach == .additions ? ClusterPart.patienceForAdditions : ClusterPart.patienceForDenials,
                isFollowed: isFollowed)
        } catch is ClusterBarrier.Lost {
            throw Failure(.indeterminate, "The database has lost the change while it failed over; make it again.")
        }
    }

    /// What another process has committed to the file since: a revision of our own speaks for all before it. Nodes
    /// that share a server follow its log instead.
    private func missed(_ connection: any Connection) throws -> [CacheEffect] {
        guard feed.watch != nil else { return [] }
        return try connection.effects(after: revision).effects
    }

    public func add(_ usage: UsageBatch) async throws {
        _ = try await translating {
            try await self.database.write(
                { connection in
                    // Before anything is written: many rows may begin the log anew long before their commit.
                    let before = self.feed.watch.map { (mark: $0.mark(), commit: self.numberOwn($0)) }
                    try connection.add(usage)
                    return before
                },
                then: { before, isLast in
                    // Counts change nothing that memory holds: if it was current before them, it still is.
                    guard isLast, let before, let mark = self.feed.watch?.mark(ofCommit: before.commit) else { return }
                    _ = self.appliedMark.compareExchange(
                        expected: before.mark, desired: mark, ordering: .acquiringAndReleasing)
                })
        }
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
            if error.isOtherConfiguration { throw Failure.otherConfiguration }
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
    /// True while nobody has committed since memory last caught up, or while the lease lasts.
    public func isCurrent() -> Bool {
        switch feed {
        case .file(let watch): appliedMark.load(ordering: .acquiring) == watch.mark() || isCurrentBesideOwn(watch)
        case .lease(let node, _): node.isLeased
        case .none: false
        }
    }

    /// Whether memory lacks nothing but a commit of this process that nobody can see yet.
    @inline(never)
    private func isCurrentBesideOwn(_ watch: CommitWatch) -> Bool {
        let own = ownCommit.load(ordering: .acquiring)
        let wasCurrent = appliedMark.load(ordering: .acquiring) == markBeforeOwn.load(ordering: .relaxed)
        return wasCurrent && watch.hasOnlyBegunAnew(forCommit: own)
    }

    /// Applies to memory what was committed since, by this process or by another.
    public func catchUp() async throws {
        switch feed {
        case .file(let watch): try await catchingUp.join { [self] in try await followLog(watch.mark()) }
        case .lease(let node, _): try await node.catchUp()
        case .none: throw Failure(.unavailable, "This process is no node and cannot decide.")
        }
    }

    /// - Parameter mark: read before the log, so a commit in between is seen by the next question.
    private func followLog(_ mark: UInt64) async throws {
        let known = revision
        let (effects, revision) = try await translating {
            try await self.database.read { try $0.effects(after: known) }
        }
        memory.apply(effects)
        appliedRevision.max(revision, ordering: .relaxed)
        appliedMark.store(mark, ordering: .releasing)
    }

    public var revision: Int64 {
        if case .lease(let node, _) = feed { return node.revision }
        return appliedRevision.load(ordering: .relaxed)
    }
}
