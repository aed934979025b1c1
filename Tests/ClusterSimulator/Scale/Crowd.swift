import KeybearerCluster

/// Many nodes with the product's own state machine, and what they cost the database. Nothing goes wrong here but what
/// a scenario asks for: faults are the other simulation's.
final class Crowd {
    /// One node: its thread does one thing after the other, as the product's does.
    final class Node {
        let index: Int
        var member: Member<SimulatedRow>
        var reaping: Reaping
        var isStopped = false
        /// A call of its thread is under way; what happens meanwhile waits.
        var isCalling = false
        var waiting: [Member<SimulatedRow>.Event] = []
        /// The question about the nodes that is under way for those who wait, and who waits for the next.
        var isAsking = false
        var asks: [([NodeRow]) -> Void] = []
        var isBurying = false
        var hasHeldLease = false

        init(_ index: Int, _ timing: Timing) {
            self.index = index
            member = Member(timing)
            reaping = Reaping(timing)
        }
    }

    let costs: Costs
    let timing: Timing
    var random: Randomness
    var queue = EventQueue()
    var now: Int64 = 0
    var station: Station
    var log: [SimulatedRow] = []
    var rows: [NodeRow?] = []
    var nodes: [Node] = []
    var waits: [(span: Int64, byTime: Bool, from: Int64)] = []
    /// Times that a node which had a lease was without one, though it was not stopped.
    private(set) var lapses = 0
    private(set) var failures = 0
    /// By when every node had its first lease.
    private(set) var readyAt: Int64 = 0

    init(_ count: Int, _ costs: Costs, lease: Span = .seconds(5), seed: UInt64) {
        self.costs = costs
        timing = Timing(lease: lease)
        random = Randomness(seed: seed)
        station = Station(costs)
        log.append(SimulatedRow(revision: 1, key: 0, denies: false, behind: 0))
        nodes = (0..<count).map { Node($0, timing) }
    }

    var clock: Moment { Moment(microseconds: now) }

    func at(_ time: Int64, _ body: @escaping () -> Void) { queue.add(at: max(time, now), body) }

    func run(until end: Int64) {
        while let event = queue.next() {
            if event.at > end {
                queue.add(at: event.at, event.body)
                break
            }
            now = event.at
            event.body()
        }
        now = end
    }

    // MARK: A node's thread

    func give(_ event: Member<SimulatedRow>.Event, to node: Node) {
        guard !node.isStopped else { return }
        guard !node.isCalling else {
            // Several notifications are one.
            if case .news = event, node.waiting.contains(where: { if case .news = $0 { true } else { false } }) {
                return
            }
            return node.waiting.append(event)
        }
        let held = node.member.leaseEnd
        for command in node.member.handle(event, at: clock) { perform(command, for: node) }
        if node.member.leaseEnd > held {
            if node.hasHeldLease, held < clock { lapses += 1 }
            if !node.hasHeldLease { readyAt = now }
            node.hasHeldLease = true
        }
        reap(node)
    }

    private func perform(_ command: Member<SimulatedRow>.Command, for node: Node) {
        switch command {
        case .wake(let moment): at(moment.microseconds) { [unowned self] in give(.tick, to: node) }
        case .load(let request):
            call(node, request) { [unowned self] in
                let place = Position(revision: Int64(log.count), link: log.last?.link ?? 0)
                return (station.read(now, rows: living.count + 1), .loaded(request, place))
            }
        case .register(let request):
            call(node, request) { [unowned self] in
                rows.append(NodeRow(id: name(rows.count), renewal: 0, acknowledged: 0, lease: timing.lease))
                return (station.commit(now, &random), .registered(request, name(rows.count - 1)))
            }
        case .renew(let request, let id, let renewal, let applied):
            call(node, request) { [unowned self] in
                let end = station.commit(now, &random)
                guard update(id, renewal, renewed: 1, applied) else { return (end, .fenced(request)) }
                return (end, .renewed(request, Array(log[max(0, Int(applied) - 1)...])))
            }
        case .follow(let request, let id, let renewal, let applied):
            call(node, request) { [unowned self] in
                let news = Array(log[max(0, Int(applied) - 1)...])
                let isOwn = rows[Int(id.low)]?.renewal == renewal
                return (station.read(now, rows: news.count), isOwn ? .followed(request, news) : .fenced(request))
            }
        case .apply(let request, _): give(.published(request), to: node)
        case .acknowledge(let request, let id, let renewal, let applied):
            call(node, request) { [unowned self] in
                let end = station.acknowledge(now, &random)
                return (end, update(id, renewal, renewed: 0, applied) ? .acknowledged(request) : .fenced(request))
            }
        case .withdraw(let id, _): rows[Int(id.low)] = nil
        case .reportLostHistory: failures += 1
        }
    }

    private func name(_ index: Int) -> NodeID { NodeID(high: 0, low: UInt64(index)) }

    var living: [NodeRow] { rows.compactMap { $0 } }

    private func update(_ id: NodeID, _ renewal: Int64, renewed: Int64, _ applied: Int64) -> Bool {
        guard let row = rows[Int(id.low)], row.renewal == renewal else { return false }
        rows[Int(id.low)] = NodeRow(
            id: id, renewal: renewal + renewed, acknowledged: max(row.acknowledged, applied), lease: row.lease)
        return true
    }

    private func oneWay() -> Int64 { random.number(costs.roundTrip * 2 / 5...costs.roundTrip * 3 / 5) }

    /// What the statement does it does when it arrives, and its answer comes when the database is done with it.
    private func call(
        _ node: Node, _ request: Member<SimulatedRow>.Request,
        _ body: @escaping () -> (end: Int64, answer: Member<SimulatedRow>.Event)
    ) {
        let deadline = now + timing.deadline.microseconds
        occupy(node, deadline, body) { [unowned self] answer in
            if answer == nil { failures += 1 }
            give(answer ?? .failed(request), to: node)
        }
    }

    private func occupy<Answer>(
        _ node: Node, _ deadline: Int64, _ body: @escaping () -> (end: Int64, answer: Answer),
        _ done: @escaping (Answer?) -> Void
    ) {
        node.isCalling = true
        at(now + oneWay()) { [unowned self] in
            let (end, answer) = body()
            let arrival = end + oneWay()
            at(min(arrival, deadline)) { [unowned self] in
                node.isCalling = false
                done(arrival > deadline ? nil : answer)
                while !node.isCalling, !node.waiting.isEmpty { give(node.waiting.removeFirst(), to: node) }
            }
        }
    }

    private func reap(_ node: Node) {
        guard !node.isCalling, node.member.id != nil, node.reaping.isDue(at: clock) else { return }
        occupy(node, now + timing.deadline.microseconds) { [unowned self] in
            let seen = living
            return (station.read(now, rows: seen.count), seen)
        } _: { [unowned self] seen in
            guard let seen else { return }
            let jitter = Span(microseconds: random.number(0...100_000))
            buryNext(node.reaping.observe(seen, jitter: jitter, at: clock), by: node)
        }
    }

    /// One after the other on the node's thread, each until its commit is answered.
    private func buryNext(_ dead: [(id: NodeID, renewal: Int64)], by node: Node) {
        guard let first = dead.first else { return }
        occupy(node, now + timing.deadline.microseconds) { [unowned self] in
            bury(first)
            return (station.commit(now, &random), true)
        } _: { [unowned self] answer in
            if answer == true { buryNext(Array(dead.dropFirst()), by: node) }
        }
    }

    func bury(_ node: (id: NodeID, renewal: Int64)) {
        if let row = rows[Int(node.id.low)], row.renewal == node.renewal { rows[Int(node.id.low)] = nil }
    }
}
