import KeybearerCluster

/// Knows everything, and compares what was answered with what was promised.
struct Checker {
    private struct Enabling {
        let began: Int64
        var revision: Int64?
        var lostAt: Int64?

        /// Whether a node may have known of it, and of no later revoke.
        ///
        /// - Parameters:
        ///   - arrival: of the request, which may be answered long after it was decided.
        ///   - time: of the answer.
        func excuses(_ arrival: Int64, _ time: Int64, _ revoke: Return) -> Bool {
            guard let revision, revision > revoke.revision, began <= time else { return false }
            // One that was lost is still known to nodes for as long as a lease lasts.
            return lostAt.map { revoke.committedAt < $0 && arrival < $0 + 1_600_000 } ?? true
        }
    }

    private struct Return {
        let at: Int64
        let committedAt: Int64
        let revision: Int64
    }

    private var returns: [[Return]]
    private var commitTimes: [UInt64: Int64] = [:]
    private var enablings: [[Enabling]]
    private var dead: Set<NodeID> = []
    private(set) var violation: String?
    private(set) var faults: [Fault: Int] = [:]
    var alarms = 0
    /// Durable changes that were lost all the same, with a server that should not have been replaced (assumption C3).
    var excused: Set<UInt64> = []
    private(set) var acceptances = 0
    private(set) var revokes = 0

    init(keys: Int) {
        returns = Array(repeating: [], count: keys)
        enablings = Array(repeating: [], count: keys)
    }

    mutating func count(_ fault: Fault) { faults[fault, default: 0] += 1 }

    private mutating func violate(_ invariant: String, _ what: String) {
        violation = violation ?? "\(invariant): \(what)"
    }

    // MARK: What people did

    mutating func beginEnabling(_ key: Int, at time: Int64) -> Int {
        enablings[key].append(Enabling(began: time))
        return enablings[key].count - 1
    }

    mutating func enabled(_ key: Int, _ enabling: Int, _ revision: Int64?) {
        enablings[key][enabling].revision = revision
    }

    mutating func committed(_ link: UInt64, at time: Int64) { commitTimes[link] = time }

    mutating func returned(
        _ key: Int, _ place: Position<UInt64>, at time: Int64, _ database: SimulatedDatabase
    ) {
        revokes += 1
        guard !excused.contains(place.link) else { return }
        returns[key].append(
            Return(at: time, committedAt: commitTimes[place.link] ?? 0, revision: place.revision))
        if place.revision > database.durable(at: time) || !database.holds(place) {
            violate("I8", "a revoke returned whose change is not durable")
        }
    }

    // MARK: What nodes did

    /// I1: what arrived after a revoke had returned is refused, unless the key was enabled after it.
    mutating func accepted(_ key: Int, _ arrival: Int64, at time: Int64, _ node: SimulatedNode) {
        acceptances += 1
        for revoke in returns[key] where revoke.at < arrival {
            if !enablings[key].contains(where: { $0.excuses(arrival, time, revoke) }) {
                violate(
                    "I1",
                    "node \(node.index) accepted key \(key) at \(time); it had arrived at \(arrival), the revoke (revision \(revoke.revision)) had returned at \(revoke.at)"
                )
            }
        }
    }

    mutating func checkAcknowledgement(of node: SimulatedNode, _ applied: Int64) {
        if applied > node.published {
            violate("I2", "node \(node.index) acknowledged \(applied) but decides by \(node.published)")
        }
    }

    mutating func checkRegistered(_ node: SimulatedNode) {
        if node.member.id == nil { violate("I3", "node \(node.index) accepted without being registered") }
    }

    /// I4: no lease lasts longer than what was renewed last, counted from before it was sent.
    mutating func checkLease(of node: SimulatedNode) {
        if node.member.leaseEnd > node.renewalSent.advanced(by: node.timing.usableLease) {
            violate("I4", "node \(node.index) granted itself more than a lease")
        }
    }

    /// I9: memory never takes in an older state of a key than one that it has refused.
    mutating func checkMonotony(
        of node: SimulatedNode, _ key: Int, isDenied: Bool, _ revision: Int64, timeline: Int
    ) {
        if node.refusedTimeline != timeline {
            node.refused = Array(repeating: 0, count: node.refused.count)
            node.refusedTimeline = timeline
        }
        if isDenied {
            node.refused[key] = max(node.refused[key], revision)
        } else if revision < node.refused[key] {
            violate("I9", "node \(node.index) took in key \(key) of revision \(revision) after \(node.refused[key])")
        }
    }

    /// I4: a renewal reads every change that was committed before it was sent; I6: of a row that was there before.
    mutating func checkRead(
        _ database: SimulatedDatabase, _ headBefore: Int64, isSameServer: Bool, _ id: NodeID
    ) {
        if isSameServer, database.head < headBefore { violate("I5", "a committed change has gone") }
        if isSameServer, database.position(of: id) == nil { violate("I6", "a renewal read without a row") }
        if dead.contains(id), isSameServer { violate("I7", "a dead node renewed") }
    }

    mutating func noteDead(_ id: NodeID) { dead.insert(id) }

    /// A server took over that lacks changes: what was promised of them is lost with them (assumption C3), and what
    /// remains of the promise is that nodes notice.
    mutating func lost(after revision: Int64, at time: Int64) {
        dead = []
        for key in returns.indices {
            returns[key].removeAll { $0.revision > revision }
            for index in enablings[key].indices
            where enablings[key][index].lostAt == nil && enablings[key][index].revision ?? 0 > revision {
                enablings[key][index].lostAt = time
            }
        }
    }
}
