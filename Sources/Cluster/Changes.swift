/// One row of the change log, as the protocol sees it.
public protocol Change: Sendable {
    /// A digest over this row and, through the row before it, over the whole log up to here.
    associatedtype Link: Hashable, Sendable

    /// 1, 2, 3 … in the order of commits.
    var revision: Int64 { get }
    var link: Link { get }

    /// Whether the row's digest is right for one that stands behind a row with that digest.
    func stands(behind link: Link) -> Bool
}

/// How far somebody has followed the log.
public struct Position<Link: Hashable & Sendable>: Hashable, Sendable {
    public let revision: Int64
    public let link: Link

    public init(revision: Int64, link: Link) {
        self.revision = revision
        self.link = link
    }
}

/// A node's name for as long as it is registered; a new one for each registration.
public struct NodeID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A node's row in the database, as others read it.
public struct NodeRow: Hashable, Sendable {
    public let id: NodeID
    /// Counts its renewals.
    public let renewal: Int64
    /// The revision by which every thread of it decides.
    public let acknowledged: Int64
    /// The longest that it may hold a lease without renewing it.
    public let lease: Span

    public init(id: NodeID, renewal: Int64, acknowledged: Int64, lease: Span) {
        self.id = id
        self.renewal = renewal
        self.acknowledged = acknowledged
        self.lease = lease
    }
}
