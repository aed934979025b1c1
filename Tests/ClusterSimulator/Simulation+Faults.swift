import KeybearerCluster

/// Draws what goes wrong, and when: none, one, or several at once.
extension Simulation {
    func scheduleFaults() {
        if nodes.count > 3 { checker.count(.crowd) }
        for _ in 0..<random.number(0...5) {
            let fault = random.pick(Fault.allCases)
            let time = random.number(200_000...horizon - 1_000_000)
            at(time) { [unowned self] in cause(fault) }
        }
    }

    /// Shorter than a lease, about one, or longer.
    private func span() -> Int64 {
        random.pick([
            random.number(1_000...100_000), random.number(100_000...900_000), random.number(900_000...1_100_000),
            random.number(1_000_000...2_500_000),
        ])
    }

    private func cause(_ fault: Fault) {
        let node = random.pick(nodes)
        let length = span()
        trace("\(fault.rawValue), node \(node.index), \(length)")
        switch fault {
        case .twoRevokers, .cancelledWait, .clockRate, .mixedLeases, .crowd: return
        case .stoppedClock: guard isStrict else { return }
        default: break
        }
        checker.count(fault)
        switch fault {
        case .pause: node.pausedUntil = now + length
        case .pauseWhileAnswering:
            for key in 0..<keys { verify(key, on: node) }
            after(random.number(5...40)) { [unowned self] in node.pausedUntil = now + length }
        case .kill: restart(node, after: random.number(1_000...800_000))
        case .killRevoker:
            revoke(random.index(keys), on: node, attempts: 1)
            after(random.number(100...20_000)) { [unowned self] in restart(node, after: length) }
            let key = random.index(keys)
            after(random.number(1_000...100_000)) { [unowned self] in
                revoke(key, on: random.pick(nodes), attempts: 4)
            }
        case .joinDuringRevoke:
            if node.isRunning { kill(node) }
            revoke(random.index(keys), on: random.pick(nodes), attempts: 4)
            after(random.number(0...5_000)) { [unowned self] in start(node) }
        case .leave:
            revoke(random.index(keys), on: random.pick(nodes), attempts: 4)
            after(random.number(0...5_000)) { [unowned self] in leave(node, back: length) }
        case .rollingRestart:
            for (position, node) in nodes.enumerated() {
                after(Int64(position) * 300_000) { [unowned self] in leave(node, back: 100_000) }
            }
        case .partition, .halfOpen:
            let isOneWay = random.chance(50)
            if !isOneWay || random.chance(50) { node.cannotSendUntil = now + length }
            if !isOneWay || node.cannotSendUntil <= now { node.cannotReceiveUntil = now + length }
            if fault == .halfOpen { node.hearsNothingUntil = now + length }
        case .lostNotifications:
            for node in nodes where random.chance(60) { node.hearsNothingUntil = now + length }
        case .lostReply:
            node.cannotReceiveUntil = now + random.number(1_000...100_000)
            revoke(random.index(keys), on: node, attempts: 4)
        case .noConnection: node.hasNoConnectionUntil = now + length
        case .slowLoad: give(.clockIsDoubtful, to: node)
        case .clone: clone(node)
        case .stoppedClock:
            node.stopClock(at: now)
            after(length) { [unowned self] in node.startClock(at: now) }
        default: causeInDatabase(fault, length)
        }
    }

    private func causeInDatabase(_ fault: Fault, _ length: Int64) {
        switch fault {
        case .stalledDatabase:
            database.stalledUntil = now + length
            if random.chance(50) { database.crash() }
        case .standbyIsDown: database.standbyIsBackAt = now + length
        case .failover: failOver(losing: 0, length)
        case .lossyFailover: failOver(losing: random.number(1...2), length)
        case .oldBackup: failOver(losing: random.number(1...10), length)
        case .trimmedLog: database.trimmed = max(database.trimmed, database.head - random.number(0...1))
        case .damagedRow: if database.head > 0 { database.damaged = random.number(1...database.head) }
        case .lockHolder: database.logIsLockedUntil = now + random.number(1_000...1_500_000)
        default: break
        }
    }

    /// The old server answers nobody any more: it cannot commit without its standby.
    private func failOver(losing count: Int64, _ length: Int64) {
        let kept = max(0, database.durable(at: now) - count)
        var rows = database.rows
        if count > 0 { rows.removeAll { _ in random.chance(30) } }
        if kept < database.head { checker.lost(after: kept, at: now) }
        database.failOver(keeping: kept, rows)
        database.stalledUntil = now + min(length, 500_000)
        database.standbyIsBackAt = 0
    }

    private func restart(_ node: SimulatedNode, after pause: Int64) {
        guard node.isRunning else { return }
        kill(node)
        after(pause) { [unowned self] in start(node) }
    }

    private func leave(_ node: SimulatedNode, back pause: Int64) {
        guard node.isRunning, node.pausedUntil <= now else { return }
        give(.stop, to: node)
        on(node, after: 3_000) { [unowned self] in restart(node, after: pause) }
    }

    /// A copy of the whole machine, memory, name and all, beside the one it was made of.
    private func clone(_ node: SimulatedNode) {
        guard node.isRunning, node.member.id != nil, !isStrict else { return }
        let copy = SimulatedNode(
            index: nodes.count, keys: keys, node.timing, breaking: breakage,
            offset: node.clock(at: now).microseconds - now, partsPerMillion: 0)
        copy.member = node.member
        copy.memory = node.memory
        copy.generations = node.generations
        copy.published = node.published
        copy.isRunning = true
        copy.cachedClock = node.cachedClock
        nodes.append(copy)
        // What was under way in the original gets no answer here, and fails.
        on(copy, after: 0) { [unowned self] in give(.abandoned, to: copy) }
    }
}
