import KeybearerCluster

/// One request: when it arrived, and what of the node's clock it would see if it did not read it.
struct Verification {
    let key: Int
    let arrival: Int64
    let cachedClock: Moment
    var attempts = 3
}

/// How a node verifies: the lease first, then memory, then perhaps a read that several requests share.
extension Simulation {
    func verify(_ key: Int, on node: SimulatedNode) {
        guard node.isRunning else { return }
        let verification = Verification(key: key, arrival: now, cachedClock: node.cachedClock)
        on(node, after: step()) { [unowned self] in
            guard isStrict else { return look(verification, on: node) }
            catchUp(node) { [unowned self] isCurrent in
                if isCurrent { look(verification, on: node) }
            }
        }
    }

    /// Between two steps of one thread, which the machine may let wait for longer than others.
    private func step() -> Int64 { random.chance(8) ? random.number(0...20_000) : random.number(0...30) }

    private func isLeased(_ verification: Verification, _ node: SimulatedNode) -> Bool {
        let ignores = breakage.ignores(.clockIsReadForEachRequest)
        return (ignores ? verification.cachedClock : node.clock(at: now)) < node.member.leaseEnd
    }

    private func look(_ verification: Verification, on node: SimulatedNode) {
        let before = node.memory[verification.key]
        guard breakage.ignores(.leaseIsAskedBeforeMemory) || isLeased(verification, node) else {
            return lookAgain(verification, on: node)
        }
        if !breakage.ignores(.leaseIsAskedBeforeMemory) { checker.checkRegistered(node) }
        on(node, after: step()) { [unowned self] in
            var known = node.memory[verification.key]
            if breakage.ignores(.leaseIsAskedBeforeMemory) {
                guard isLeased(verification, node) else { return }
                known = before
            }
            switch known {
            case .denied: return
            case .accepted: accept(verification, on: node)
            case .unknown: read(verification, on: node)
            }
        }
    }

    /// Without a lease memory is brought up to date first, but not for ever.
    private func lookAgain(_ verification: Verification, on node: SimulatedNode) {
        var next = verification
        next.attempts -= 1
        guard next.attempts > 0 else { return }
        catchUp(node) { [unowned self] isCurrent in
            if isCurrent { look(next, on: node) }
        }
    }

    private func accept(_ verification: Verification, on node: SimulatedNode) {
        on(node, after: step()) { [unowned self] in
            checker.accepted(verification.key, verification.arrival, at: now, node)
        }
    }

    /// A key that memory does not hold: one read for all who ask between the same two changes, which enters memory only
    /// if none has come meanwhile.
    private func read(_ verification: Verification, on node: SimulatedNode) {
        let key = verification.key
        let generation = node.generations[key]
        let shared: SharedRead
        if let current = node.reads[key],
            current.generation == generation || breakage.ignores(.loadsAreNotJoinedAcrossChanges)
        {
            shared = current
        } else {
            shared = SharedRead(generation: generation)
            node.reads[key] = shared
            begin(shared, key, on: node)
        }
        shared.waiters.append { [unowned self] answer in
            guard let isDenied = answer else { return }
            guard isLeased(verification, node) else { return lookAgain(verification, on: node) }
            checker.checkRegistered(node)
            // What memory holds by now is newer than what was read.
            let known = node.memory[key]
            if known == .accepted || known == .unknown && !isDenied { accept(verification, on: node) }
        }
    }

    private func begin(_ shared: SharedRead, _ key: Int, on node: SimulatedNode) {
        call(node) { [unowned self] (reply: @escaping (SimulatedDatabase.KeyState) -> Void) in
            statement(database.boot) { [unowned self] in
                let state = database.state(of: key)
                statement(database.boot, longest: random.chance(20) ? 60_000 : 300) { reply(state) }
            }
        } _: { [unowned self] answer in
            if node.reads[key] === shared { node.reads[key] = nil }
            if let state = answer {
                trace("node \(node.index) reads key \(key), \(state.isDenied ? "revoked" : "accepted")")
                // What a fill has read meanwhile may be newer.
                let isCurrent = node.generations[key] == shared.generation && node.memory[key] == .unknown
                if isCurrent || breakage.ignores(.loadsDoNotResurrect) {
                    remember(state, of: key, on: node)
                }
            }
            for waiter in shared.waiters { waiter(answer?.isDenied) }
        }
    }
}
