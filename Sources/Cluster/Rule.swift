/// The rules that the promise rests on. Each is one line somewhere in the protocol; the simulator breaks them one at a
/// time and has to notice. The product is built without `KEYBEARER_BREAKABLE`, and no rule can be broken there.
public enum Rule: String, Sendable, CaseIterable {
    /// A node's row is committed before the read of any renewal that grants it a lease.
    case rowComesBeforeLease
    /// A lease is counted from before the renewal was sent.
    case leaseIsCountedFromSending
    /// A change is acknowledged once every thread decides by it, not before.
    case acknowledgementFollowsPublication
    /// A lease goes on only when memory reflects what its renewal has read.
    case leaseFollowsPublication
    /// A verification asks for the lease after it arrived, and looks into memory after that.
    case leaseIsAskedBeforeMemory
    /// A node that was declared dead drops its lease and joins under another name.
    case fencedNodeStops
    /// A node is declared dead only after its lease must have ended.
    case reaperWaitsForTheLease
    /// A revoke waits for all nodes or for the lease.
    case revokeWaits
    /// A revoke's wait for the lease begins after its commit.
    case waitBeginsAfterTheCommit
    /// A key that is revoked already is revoked again, with the same wait.
    case repeatedRevokeWaitsToo
    /// The clock is read for every verification, after it arrived.
    case clockIsReadForEachRequest
    /// A lease ends early by what two clocks may differ.
    case leaseHasAMargin
    /// Changes are applied in their order and without gaps.
    case changesHaveNoGap
    /// A node goes on only from a log that holds the very change it has applied last.
    case historyIsCompared
    /// A renewal counts only for the one who renewed last.
    case renewalNumbersAreCompared
    /// What was read before a change does not enter memory after it.
    case loadsDoNotResurrect
    /// Whoever asks after a change does not wait for a load that began before it.
    case loadsAreNotJoinedAcrossChanges
    /// A commit whose answer never came is no success.
    case unknownOutcomeIsNoSuccess
}

/// What the simulator has told a part of the protocol to ignore.
public struct Breakage: Sendable {
    #if KEYBEARER_BREAKABLE
        private let broken: Rule?
        public init(_ broken: Rule? = nil) { self.broken = broken }
        public func ignores(_ rule: Rule) -> Bool { broken == rule }
    #else
        public init() {}
        @inlinable
        public func ignores(_ rule: Rule) -> Bool { false }
    #endif
}
