import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Logging
import Synchronization

/// Waits until no node can decide by the state before a change.
final class ClusterBarrier: Sendable {
    /// A change that was committed while a server took over and is in nobody's log any more.
    struct Lost: Error {}

    private struct Timeline {
        var name = "00000001"
        var seen = Moment.never
        /// Of all the nodes that were ever seen: one whose row is missing may have it.
        var longestLease = Span(microseconds: 0)
    }

    let database: PostgreSQLDatabase
    private let lease: Span
    private let clock: WallClock
    private let logger: Logger
    let metrics = BarrierMetrics()
    private let views = JointQuestion<ClusterView>()
    private let awaited = Mutex<[Int64: Int]>([:])
    private let timeline = Mutex(Timeline())
    private let isBurying = Atomic(false)

    /// - Parameter lease: this node's own; a longer one of another node is waited for where that is missing.
    init(_ database: PostgreSQLDatabase, lease: Span, clock: WallClock, logger: Logger) {
        self.database = database
        self.lease = lease
        self.clock = clock
        self.logger = logger
    }

    /// - Parameters:
    ///   - place: the change's; its commit's answer has come before `began`.
    ///   - limit: how long to wait at most; nil for as long as it takes, which is a lease.
    ///   - isFollowed: whether this process's own node has applied the change already.
    /// - Throws: `Lost`, and then the change has to be made again.
    func wait(
        for place: LogPlace, since began: Moment, atMost limit: Span? = nil, isFollowed: Bool = false
    ) async throws -> Barrier {
        awaited.withLock { $0[place.revision, default: 0] += 1 }
        defer { forget(place.revision) }
        var barrier = RevocationBarrier(
            revision: place.revision, began: began, lease: lease, breaking: Breaking.rule)
        var last: ClusterView?
        var pacing = BarrierPacing(isFollowed: isFollowed)
        while true {
            let pause = pacing.next(after: began.span(to: Moment.now()), nodes: last?.rows.count ?? 0)
            do {
                if pause.microseconds > 0 { try await Task.sleep(for: pause.duration) }
            } catch {
                // Who asked has gone away; the wait goes on without a pause to sleep in, so it ends here.
                return result(place, last, unreachable: [], nil)
            }
            let view = await view()
            let now = Moment.now()
            last = view ?? last
            if let view {
                let outcome = barrier.decide(view.rows, holdsCommit: view.holds(place), at: now)
                let isSettled = isSettled(view, now) || now >= barrier.lastLeaseEnd
                switch outcome {
                case .lost: throw Lost()
                case .acknowledged where isSettled:
                    metrics.note(began.span(to: now), byTime: false)
                    return result(place, view, unreachable: [], .acknowledgement)
                case .elapsed(let unreachable):
                    metrics.note(began.span(to: now), byTime: true)
                    burySoon()
                    return result(place, view, unreachable: Set(unreachable), .time)
                case .waiting, .acknowledged: break
                }
            } else if case .elapsed(let unreachable) = barrier.decideWithoutAnswer(at: now) {
                metrics.note(began.span(to: now), byTime: true)
                return result(place, last, unreachable: Set(unreachable), .time)
            }
            if let limit, now >= began.advanced(by: limit) {
                let missing = last?.rows.filter { $0.acknowledged < place.revision }.map(\.id) ?? []
                return result(place, last, unreachable: Set(missing), nil)
            }
        }
    }

    func nodes() async throws -> [ClusterNodeStatus] {
        try await database.read { try ClusterNodeStatus.all($0) }
    }

    /// One question for all who wait, begun after each of them asked; nil where the database does not answer.
    private func view() async -> ClusterView? {
        do {
            return try await views.join { [self] in
                let revisions = Set(awaited.withLock { $0.keys })
                return try await database.send(.look(for: revisions))
            }
        } catch {
            return nil
        }
    }

    private func forget(_ revision: Int64) {
        awaited.withLock { awaited in
            guard let count = awaited[revision] else { return }
            awaited[revision] = count > 1 ? count - 1 : nil
        }
    }

    /// After another server has taken over, rows of nodes that still hold a lease may be missing for as long as one
    /// lasts; so nothing ends early then.
    private func isSettled(_ view: ClusterView, _ now: Moment) -> Bool {
        timeline.withLock { timeline in
            timeline.longestLease = max(timeline.longestLease, view.rows.map(\.lease).max() ?? lease)
            if timeline.name != view.timeline { (timeline.name, timeline.seen) = (view.timeline, now) }
            let longest = max(lease, timeline.longestLease)
            return timeline.seen == .never || now >= timeline.seen.advanced(by: longest)
        }
    }

    private func result(
        _ place: LogPlace, _ view: ClusterView?, unreachable: Set<NodeID>, _ completion: Barrier.Completion?
    ) -> Barrier {
        let nodes = view?.nodes ?? []
        return Barrier(
            revision: place.revision,
            acknowledgedBy: nodes.filter { $0.row.acknowledged >= place.revision }.map(\.name).sorted(),
            unreachable: nodes.filter { unreachable.contains($0.row.id) }.map(\.name).sorted(),
            completedBy: completion)
    }

    /// Who has let a whole lease pass is dead, and the next change need not wait for it.
    ///
    /// One look at a time, however many changes have waited for the same node.
    private func burySoon() {
        guard !isBurying.exchange(true, ordering: .relaxed) else { return }
        let (database, clock, logger, lease) = (database, clock, logger, lease)
        Task {
            defer { isBurying.store(false, ordering: .relaxed) }
            do {
                var reaper = Reaper()
                let first = try await database.send(.look())
                _ = reaper.observe(first.rows, at: Moment.now())
                try await Task.sleep(for: (lease.advanced(by: .milliseconds(20))).duration)
                let second = try await database.send(.look())
                for node in reaper.observe(second.rows, at: Moment.now()) {
                    try await database.send(.bury(node.id, renewal: node.renewal, at: clock.now()))
                    logger.warning("a node has stopped renewing its lease and is taken for dead")
                }
            } catch {
                logger.info("a silent node could not be marked: \(error)")
            }
        }
    }
}

extension Moment {
    func span(to later: Moment) -> Span { Span(microseconds: later.microseconds - microseconds) }
}

extension Span {
    func advanced(by other: Span) -> Span { Span(microseconds: microseconds + other.microseconds) }
}
