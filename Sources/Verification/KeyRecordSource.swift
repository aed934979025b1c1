/// Where records come from when memory does not have them.
public protocol KeyRecordSource: Sendable {
    /// For each list of digests the record stored under any of them, as last committed; nil where there is none.
    /// Called without a lock held, a few times at once; its failure is answered as `unavailable`.
    func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?]
}

/// Whether memory may be believed: on one node always but for changes made by another process, on several while
/// the lease lasts.
public protocol Freshness: AnyObject, Sendable {
    /// Asked on every verification, so it must be cheap and must not block.
    func isCurrent() -> Bool

    /// Applies to memory what others have committed. Returns once `isCurrent()` may be asked again; throws where
    /// that cannot be done, and then nothing may be decided.
    func catchUp() async throws

    /// The last change that memory reflects.
    var revision: Int64 { get }
}
