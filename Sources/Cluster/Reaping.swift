/// How often a node looks for others that have stopped, and how many of them it declares dead at once.
///
/// Once a lease while nodes are few, and so rarely where they are many that all of them together read no more than a
/// few thousand rows a second: a revoke that has to wait for the lease looks for whom it waited for by itself. A node
/// that declares others dead does so between two renewals of its own, so it takes few at a time; where a rack of
/// hundreds has gone, the next are taken an interval later, or by another node.
public struct Reaping: Sendable {
    /// Each costs a commit, and a lease has room for these many and its renewals with a slow server, too.
    public static let mostAtOnce = 16
    /// Of so many nodes each looks once a lease.
    private static let few = 32

    private var reaper: Reaper
    private let timing: Timing
    private var due = Moment.never

    public init(_ timing: Timing, breaking breakage: Breakage = Breakage()) {
        self.timing = timing
        reaper = Reaper(breaking: breakage)
    }

    public func isDue(at now: Moment) -> Bool { now >= due }

    /// - Parameters:
    ///   - nodes: every row that is not dead.
    ///   - jitter: a random part of a lease, so that nodes which start together do not look together.
    ///   - now: read from the clock after the rows were.
    /// - Returns: the nodes to mark as dead, each only if its renewals are still the number given.
    public mutating func observe(
        _ nodes: [NodeRow], jitter: Span, at now: Moment
    ) -> [(id: NodeID, renewal: Int64)] {
        let dead = reaper.observe(nodes, at: now)
        let factor = Int64(max(1, nodes.count / Self.few))
        let rest = dead.count > Self.mostAtOnce ? timing.interval.microseconds : timing.lease.microseconds * factor
        due = now.advanced(by: Span(microseconds: rest + jitter.microseconds))
        return Array(dead.prefix(Self.mostAtOnce))
    }
}
