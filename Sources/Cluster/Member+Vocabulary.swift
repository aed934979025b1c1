/// What a node's part in the protocol is told, and what it answers.
extension Member {
    /// Ties an answer to its question; an answer to an earlier one is ignored.
    public struct Request: Hashable, Sendable { let number: Int64 }

    public enum Event: Sendable {
        /// Join, or join again.
        case start
        /// Memory holds nothing older than the state at this place.
        case loaded(Request, Place)
        case registered(Request, NodeID)
        /// The rows of the log from the last applied one on, that one included.
        case renewed(Request, [Row])
        /// The same rows, read without a renewal.
        case followed(Request, [Row])
        /// What a renewal or following has read says that memory has to begin anew: another server answers, or there is
        /// more news than is worth reading.
        case overtaken(Request)
        /// What a renewal or following has read says that this node must not decide.
        case dismissed(Request)
        /// No row is this node's any more, or another process renewed under its name.
        case fenced(Request)
        /// Whoever looks into memory from now on finds the changes that were to be applied.
        case published(Request)
        case acknowledged(Request)
        /// No answer within the database's deadline, or a failure; whether it took place is not known.
        case failed(Request)
        /// A notification of a change that memory does not reflect.
        case news
        /// Everything that was committed by now has to be known, and who holds the lease: somebody waits for that, or
        /// notifications may have been missed.
        case hint
        /// The moment asked for has come.
        case tick
        /// Whatever was asked for before gets no answer any more.
        case abandoned
        /// The clock cannot be trusted to have run all the time.
        case clockIsDoubtful
        /// The machine may be a copy of another that goes on: the name is left to that one, row and all, since whoever
        /// acknowledges under a name speaks for every lease that was granted to it.
        case machineWasCopied
        case stop
    }

    public enum Command: Sendable {
        /// Read the place, then let memory forget all that it may have read before.
        case load(Request)
        /// Commit a row under a name that was never used before.
        case register(Request)
        /// In one transaction: count up the node's renewals where they are still the number given and the node is not
        /// dead, note what it has applied, then read the log from there.
        case renew(Request, NodeID, renewal: Int64, applied: Int64)
        /// Read the log from there where the row is still this node's. Writes nothing, so nobody waits for a disk.
        case follow(Request, NodeID, renewal: Int64, applied: Int64)
        /// Let memory forget what these have changed. Nobody has to be waited for, where verifications ask for the lease
        /// before they look into memory.
        case apply(Request, [Row])
        case acknowledge(Request, NodeID, renewal: Int64, applied: Int64)
        /// Remove the node's row where its renewals are still the number given: a copy that has not noticed what it is
        /// must not take the original's away. Nobody waits for the answer; a row that stays is waited for.
        case withdraw(NodeID, renewal: Int64)
        /// The log is not the one that this node has followed: somebody must look.
        case reportLostHistory(Place)
        /// Give `tick` at that moment or soon after.
        case wake(Moment)
    }
}
