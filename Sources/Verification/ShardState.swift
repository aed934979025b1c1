/// What a shard's lock guards.
struct ShardState: ~Copyable {
    // What hits look at comes first and in this order. What they write to is in one line of the processor's cache with the
    // lock, and has to come over when another processor was here last; what they only read is in the next, of which each
    // processor keeps a copy.
    var usage = UsagePool()
    var denied: Set<StoredDigest> = []
    var table: RecordTable
    /// The latest time of a decision, by which windows that have ended are told.
    private var latest = Timestamp(microseconds: 0)
    var absent: AbsentRing
    var generation: UInt64 = 0
    let limiter: RateLimiter
    let budget: CacheBudget

    /// Whether a digest that is not here has no record, unless it is `unsure`.
    var isComplete = false
    var isFilling = false
    /// Moves when a fill begins and when one is abandoned, so that a late one changes nothing.
    var fill: UInt64 = 0
    /// Digests that changed while the set was, or was becoming, complete, and have not been loaded since.
    var unsure: Set<StoredDigest> = []
    var changedDuringFill: Set<OrganizationID> = []

    /// Every digest that exists, and some that do not, where that is known.
    var filter = DigestFilter()
    /// What is becoming the filter.
    var gathered = DigestFilter()
    /// The number of the gathering, so that a late one changes nothing.
    var gathering: UInt64 = 0
    /// How many digests a filter may have room for.
    let mostInFilter: Int

    init(absent: AbsentRing, budget: CacheBudget, limiter: RateLimiter, mostInFilter: Int) {
        self.absent = absent
        self.budget = budget
        self.mostInFilter = mostInFilter
        self.limiter = limiter
        var random = SystemRandomNumberGenerator()
        table = RecordTable(seed: random.next())
    }

    private static let mostUnsure = 4096

    func isDenied(_ digest: StoredDigest) -> Bool { !denied.isEmpty && denied.contains(digest) }

    // While the set is being read, what changed stays unsure even once it was loaded: the old row may still come.
    mutating func becomeSure(of digest: StoredDigest) {
        if !isFilling { unsure.remove(digest) }
    }
}

extension ShardState {
    /// The whole verification of a digest: found, decided, taken from the key's window and counted. A miss where its
    /// organization wants the database asked first.
    @inline(__always)
    mutating func decide(_ digest: StoredDigest, _ request: AccessRequest, _ now: Timestamp) -> RecordCache.Answer {
        if isDenied(digest) { return .denied }
        guard let position = table.find(digest) else { return .init(absence(of: digest)) }
        if table.isStrict(position) { return .miss }
        return .judged(judge(position, request, now))
    }

    @inline(__always)
    mutating func judge(_ position: Int, _ request: AccessRequest, _ now: Timestamp) -> Judgement {
        // The clock ticks far more rarely than hits come by.
        if latest < now { latest = now }
        table.markUsed(position)
        usage.prefetch(table[position].usage)
        var (verdict, granted) = table[position].own.judge(request, now)
        let policy = table[position].own.withFacts { $0.rateLimit }
        let admission =
            verdict == .valid
            ? table[position].window.take(request.cost, policy, now) : table[position].window.peek(0, policy, now)
        if !admission.isAdmitted { verdict = .rateLimited }
        // Whether an organization's own limit admits the call is not known here.
        let isCounted =
            verdict == .valid && !table[position].own.withFacts { $0.hasOrganizationLimit }
            && (granted ?? 0) < UsagePool.positions
            && usage.count(
                table[position].own.block, at: &table[position].usage, granted: granted, address: request.address, now)
        return Judgement(table.record(at: position), verdict, admission, isCounted: isCounted)
    }

    /// For a record that is not here; its window is the limiter's, which nobody moves while this lock is held.
    func judge(_ record: KeyRecord, _ request: AccessRequest, _ now: Timestamp) -> Judgement {
        let verdict = record.judge(request, now).verdict
        let policy = record.rateLimit
        guard verdict == .valid else {
            return Judgement(record, verdict, limiter.peek(0, of: record.id, policy, now), isCounted: false)
        }
        let admission = limiter.take(request.cost, of: record.id, policy, now)
        return Judgement(record, admission.isAdmitted ? .valid : .rateLimited, admission, isCounted: false)
    }
}

extension ShardState {
    mutating func insert(_ record: KeyRecord) {
        becomeSure(of: record.digest)
        absent.remove(record.digest)
        remove(record.digest)
        guard budget.canHold(record) else {
            endCompleteness()
            return mayExist(record.digest)
        }
        // Read from the database, perhaps before its creation was heard of.
        mayExist(record.digest)
        let window = limiter.unpark(record.id, record.rateLimit)
        let before = table.byteCount
        table.insert(record, window: window)
        budget.add(table.byteCount - before)
        budget.add(record)
    }

    mutating func forget(_ digest: StoredDigest) {
        remove(digest)
        absent.remove(digest)
        mayExist(digest)
        guard isComplete || isFilling else { return }
        unsure.insert(digest)
        if unsure.count > Self.mostUnsure { endCompleteness() }
    }

    mutating func evictOne() -> Bool {
        guard let position = table.nextToGo() else { return false }
        // A fill may have read it later than a load that is still under way, which is not to bring the older state back.
        if isFilling { generation += 1 }
        // First, so that a filter has it as well.
        endCompleteness()
        remove(at: position)
        return true
    }

    /// Gives the usage counted since the last time in exchange for memory without any.
    mutating func exchangeUsage(_ entries: inout UsageEntries) {
        if !usage.exchange(&entries) {
            for position in table.positions { table[position].usage = .none }
        }
        // What leaves from now on is still good for whoever reads them.
        entries.holder = table.era
    }

    mutating func removeAll() {
        for position in table.positions {
            usage.keep(table[position].usage)
            left(table.record(at: position), table[position].window)
        }
        let before = table.byteCount
        table.removeAll()
        budget.add(table.byteCount - before)
    }

    private mutating func remove(_ digest: StoredDigest) {
        if let position = table.find(digest) { remove(at: position) }
    }

    private mutating func remove(at position: Int) {
        usage.keep(table[position].usage)
        let (record, window) = table.remove(at: position)
        left(record, window)
    }

    private func left(_ record: KeyRecord, _ window: RateWindow) {
        budget.subtract(record)
        limiter.park(window, of: record.id, record.rateLimit, latest)
    }
}

/// What a record said to a call.
struct Judgement {
    let record: KeyRecord
    /// What the key's own rate limit says; its cost is taken where the verdict is `valid`.
    let admission: Admission
    let verdict: Verdict
    /// Whether the call has been metered.
    let isCounted: Bool

    init(_ record: consuming KeyRecord, _ verdict: Verdict, _ admission: Admission, isCounted: Bool) {
        self.record = record
        self.admission = admission
        self.verdict = verdict
        self.isCounted = isCounted
    }
}
