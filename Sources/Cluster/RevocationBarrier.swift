/// A revoke's wait, from its commit to the moment when no node can decide by the state before.
///
/// It ends when every node that may hold a lease has acknowledged, or when no lease that missed the commit can still
/// last. Begin it after the commit's answer has come; ask for the nodes in statements that begin after that.
public struct RevocationBarrier: Sendable {
    public enum Outcome: Hashable, Sendable {
        /// Ask again after a notification, or a few milliseconds.
        case waiting
        case acknowledged
        /// By time: these nodes have not answered.
        case elapsed(unreachable: [NodeID])
        /// The database has lost the commit: revoke again.
        case lost
    }

    public let revision: Int64
    private let began: Moment
    private var longestLease: Span
    /// By the last answer; nil before the first.
    private var missing: [NodeID]?
    private let breakage: Breakage

    /// - Parameters:
    ///   - began: read from the clock after the commit's answer had come.
    ///   - lease: this node's own; the longest of any node that has not answered is waited for.
    public init(revision: Int64, began: Moment, lease: Span, breaking breakage: Breakage = Breakage()) {
        self.revision = revision
        self.began = began
        self.breakage = breakage
        longestLease = lease
    }

    /// - Parameters:
    ///   - nodes: every row that is not dead, from a statement that began after the last call.
    ///   - holdsCommit: whether the log, in that statement, still had the very change that is waited for.
    public mutating func decide(_ nodes: [NodeRow], holdsCommit: Bool, at now: Moment) -> Outcome {
        guard holdsCommit else { return .lost }
        if breakage.ignores(.revokeWaits) { return .acknowledged }
        let missing = nodes.filter { $0.acknowledged < revision }
        self.missing = missing.map(\.id)
        if missing.isEmpty { return .acknowledged }
        longestLease = max(longestLease, missing.map(\.lease).max() ?? longestLease)
        guard now >= lastLeaseEnd else { return .waiting }
        return .elapsed(unreachable: missing.map(\.id))
    }

    /// Where the database does not answer. Nobody renews a lease without it either, so those that missed the commit end
    /// by themselves; but how long they are is only known once the nodes were seen after the commit.
    public func decideWithoutAnswer(at now: Moment) -> Outcome {
        guard let missing, now >= lastLeaseEnd else { return .waiting }
        return .elapsed(unreachable: missing)
    }

    /// By then no lease that missed the commit lasts, of the nodes that were seen.
    public var lastLeaseEnd: Moment { began.advanced(by: longestLease) }
}
