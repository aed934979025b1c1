import KeybearerVerification

/// The store as Administration needs it: reads that see one state, and the one door for writes.
public protocol Ledger: Sendable {
    /// Runs `body` in a read transaction. Errors of `body` pass through; the store's own become `Failure`.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Records) throws -> Value) async throws -> Value

    /// The same for what reads a few rows and ends, such as who calls. What waits to write may wait for it.
    func glance<Value: Sendable>(
        _ body: @escaping @Sendable (any Records) throws -> Value
    ) async throws -> Value

    /// Runs `prepare` in a write transaction that excludes every other writer, applies the changes it returns,
    /// commits, and returns once no verification that starts afterwards can use what was changed.
    ///
    /// - Throws: what `prepare` throws, with nothing written; `Failure` `indeterminate` where the commit's outcome
    ///   is unknown (the keys concerned are then denied from memory), `unavailable` where nothing was written.
    func commit<Value: Sendable>(
        _ prepare: @escaping @Sendable (any Records) throws -> Prepared<Value>
    ) async throws -> Committed<Value>

    /// Adds metering sums. They are not changes: no audit, no revision.
    func add(_ usage: UsageBatch) async throws

    /// Drops what the store itself has noted of changes before the moment, as far as nobody needs it.
    func trimLog(before moment: Timestamp) async throws
}

/// What a transaction is to write, and what its operation answers.
public struct Prepared<Value: Sendable>: Sendable {
    public let changes: [Change]
    public let value: Value

    public init(_ changes: [Change], _ value: Value) {
        self.changes = changes
        self.value = value
    }
}

/// A committed operation's answer with the proof that it is in force.
public struct Committed<Value: Sendable>: Sendable {
    public let value: Value
    public let barrier: Barrier

    public init(value: Value, barrier: Barrier) {
        self.value = value
        self.barrier = barrier
    }
}

/// Which nodes have applied a revision, at the time the operation returned.
public struct Barrier: Sendable, Hashable {
    public enum Completion: String, Sendable { case acknowledgement, time }

    public let revision: Int64
    public let acknowledgedBy: [String]
    public let unreachable: [String]
    /// nil where the caller's own deadline ended the wait.
    public let completedBy: Completion?

    public init(revision: Int64, acknowledgedBy: [String], unreachable: [String], completedBy: Completion?) {
        self.revision = revision
        self.acknowledgedBy = acknowledgedBy
        self.unreachable = unreachable
        self.completedBy = completedBy
    }
}
