import KeybearerCluster

/// One schedule: nodes, a database, people who revoke and enable, requests that verify, and what goes wrong. Everything
/// follows from the seed.
final class Simulation {
    let seed: UInt64
    let broken: Rule?
    let breakage: Breakage
    var random: Randomness
    var queue = EventQueue()
    /// Real time in microseconds, which no node can read.
    var now: Int64 = 0
    let database = SimulatedDatabase()
    var nodes: [SimulatedNode] = []
    var checker: Checker
    var names: UInt64 = 0
    var lines: [String]?
    let isStrict: Bool
    /// Whether nodes look for dead ones more often than the product does: safety must not rest on how often.
    let looksOften: Bool
    let keys: Int
    let horizon: Int64

    static let lease = Span.seconds(1)

    init(seed: UInt64, breaking broken: Rule? = nil, traces: Bool = false) {
        self.seed = seed
        self.broken = broken
        #if KEYBEARER_BREAKABLE
            breakage = Breakage(broken)
        #else
            breakage = Breakage()
        #endif
        random = Randomness(seed: seed)
        lines = traces ? [] : nil
        keys = Int(random.number(1...3))
        horizon = 4_000_000
        isStrict = random.chance(10)
        looksOften = random.chance(50)
        checker = Checker(keys: keys)
    }

    /// - Returns: what was violated; nil where every invariant held.
    func run() -> String? {
        makeNodes()
        for node in nodes { at(random.number(0...200_000)) { [unowned self] in start(node) } }
        scheduleChanges()
        scheduleVerifications()
        scheduleFaults()
        while checker.violation == nil, let event = queue.next(), event.at <= horizon {
            now = event.at
            event.body()
        }
        return checker.violation
    }

    private func makeNodes() {
        let count = random.chance(3) ? 8 : Int(random.number(1...3))
        let hasMixedLeases = random.chance(10)
        for index in 0..<count {
            var timing = Timing(lease: Self.lease)
            if hasMixedLeases, random.chance(50) {
                timing = Timing(lease: Span(microseconds: random.number(500_000...1_500_000)))
                checker.count(.mixedLeases)
            }
            // As fast and as slow as two clocks may run (assumption C1), and every other one against the next.
            var rate: Int64 = 0
            if random.chance(50) {
                rate = index.isMultiple(of: 2) ? 9_900 : -9_900
                checker.count(.clockRate)
            }
            nodes.append(
                SimulatedNode(
                    index: index, keys: keys, timing, breaking: breakage, offset: random.number(0...1_000_000_000),
                    partsPerMillion: rate))
        }
    }

    // MARK: Time

    func at(_ time: Int64, _ body: @escaping () -> Void) { queue.add(at: max(time, now), body) }
    func after(_ span: Int64, _ body: @escaping () -> Void) { at(now + span, body) }

    /// On a node's own threads: later while it is paused, never once it has ended.
    func on(_ node: SimulatedNode, of process: Int? = nil, after span: Int64, _ body: @escaping () -> Void) {
        let incarnation = process ?? node.incarnation
        after(span) { [unowned self] in arrive(node, incarnation, body) }
    }

    private func arrive(_ node: SimulatedNode, _ incarnation: Int, _ body: @escaping () -> Void) {
        guard node.isRunning, node.incarnation == incarnation else { return }
        if node.pausedUntil > now {
            return at(node.pausedUntil) { [unowned self] in arrive(node, incarnation, body) }
        }
        body()
    }

    func trace(_ line: @autoclosure () -> String) {
        guard lines != nil else { return }
        lines?.append("\(now) \(line())")
    }

    // MARK: The network

    /// The time of one way, which is sometimes long.
    private func latency() -> Int64 { random.chance(3) ? random.number(0...400_000) : random.number(50...1_500) }

    /// A call to the database. `work` is given a way to answer; nil is passed on where no answer came in time.
    func call<Answer>(
        _ node: SimulatedNode, _ work: @escaping (@escaping (Answer) -> Void) -> Void,
        _ done: @escaping (Answer?) -> Void
    ) {
        let process = node.incarnation
        // Between deciding to call and sending lies time too.
        on(node, after: random.number(0...20)) { [unowned self] in
            guard node.hasNoConnectionUntil <= now else { return on(node, after: 500) { done(nil) } }
            var isOver = false
            on(node, after: node.duration(of: node.timing.deadline)) {
                if !isOver {
                    isOver = true
                    done(nil)
                }
            }
            guard node.cannotSendUntil <= now else { return }
            after(latency()) { [unowned self] in
                work { [unowned self] answer in
                    guard node.cannotReceiveUntil <= now else { return }
                    on(node, of: process, after: latency()) {
                        if !isOver {
                            isOver = true
                            done(answer)
                        }
                    }
                }
            }
        }
    }

    /// One statement of the database, or a part of one; it is not done where the server ends before.
    func statement(_ boot: Int, longest: Int64 = 300, _ body: @escaping () -> Void) {
        let due = now + random.number(10...longest)
        at(due) { [unowned self] in
            guard database.boot == boot else { return }
            if database.stalledUntil > now {
                return at(database.stalledUntil) { [unowned self] in statement(boot, longest: longest, body) }
            }
            body()
        }
    }

    /// The end of a transaction, which waits for the standby.
    func committing(_ boot: Int, _ body: @escaping () -> Void) {
        statement(boot) { [unowned self] in
            guard database.standbyIsBackAt <= now else {
                return at(database.standbyIsBackAt) { [unowned self] in committing(boot, body) }
            }
            body()
        }
    }
}
