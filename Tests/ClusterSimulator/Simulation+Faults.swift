import KeybearerCluster

/// Draws what goes wrong, and when: none, one, or several at once.
extension Simulation {
    func scheduleFaults() {
        if nodes.count > 3 { checker.count(.crowd) }
        // What a lease is counted by shows only in its last moments, so these are looked for more often.
        if random.chance(20) {
            at(random.number(300_000...1_500_000)) { [unowned self] in cause(.pause) }
        }
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
        case .pause:
            if random.chance(70) {
                // What memory holds can be out of date; what it does not hold cannot.
                enable(random.index(keys), on: random.pick(nodes))
                for key in 0..<keys { after(30_000) { [unowned self] in verify(key, on: node) } }
                after(60_000) { node.pauseWhileRenewing = length }
            } else {
                node.pausedUntil = now + length
            }
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
        case .slowLoad:
            guard node.isRunning else { return }
            node.fillsSlowly = true
            give(random.chance(70) ? .start : .clockIsDoubtful, to: node)
        case .clone: clone(node)
        case .stoppedClock:
            node.stopClock(at: now)
            after(length) { [unowned self] in node.startClock(at: now) }
        default: causeInDatabase(fault, length)
        }
    }

    /// A node that stands still between a renewal and its answer, while somebody revokes: it wakes with an answer that
    /// is old, and perhaps with nobody to ask for a newer one.
    func stopWhileRenewing(_ node: SimulatedNode) {
        guard let drawn = node.pauseWhileRenewing else { return }
        node.pauseWhileRenewing = nil
        // Just longer than the revoke waits, and not so long that the node is declared dead before it wakes.
        let length = random.chance(70) ? random.number(1_005_000...1_200_000) : drawn
        if random.chance(40) { return cutOffAfterRenewing(node) }
        after(random.number(0...800)) { [unowned self] in
            node.pausedUntil = now + length
            let key = (0..<keys).first { !database.isDenied($0) } ?? random.index(keys)
            revoke(key, on: random.pick(nodes), attempts: 4)
            if random.chance(50) { node.cannotSendUntil = now + length + 1_000_000 }
            for _ in 0..<4 {
                after(length + random.number(1...30_000)) { [unowned self] in verify(key, on: node) }
            }
        }
    }

    /// A node that is cut off right after a renewal, while somebody revokes: every moment of its lease counts.
    private func cutOffAfterRenewing(_ node: SimulatedNode) {
        let key = (0..<keys).first { !database.isDenied($0) } ?? random.index(keys)
        verify(key, on: node)
        let other = nodes[node.index == 0 ? nodes.count - 1 : 0]
        after(random.number(0...2_000)) { [unowned self] in revoke(key, on: other, attempts: 1) }
        after(random.number(2_000...4_000)) { [unowned self] in
            node.cannotSendUntil = now + 1_500_000
            node.cannotReceiveUntil = now + 1_500_000
        }
    }

    private func causeInDatabase(_ fault: Fault, _ length: Int64) {
        switch fault {
        case .stalledDatabase:
            // Often right after the commit of a revoke, which then has nobody to ask.
            if random.chance(50) { revoke(random.index(keys), on: random.pick(nodes), attempts: 4) }
            after(random.number(0...6_000)) { [unowned self] in
                database.stalledUntil = now + length
                if random.chance(50) { database.crash() }
            }
        case .standbyIsDown: database.loseStandby(at: now, until: now + length)
        case .failover: failOver(losing: 0, length)
        case .lossyFailover: failOver(losing: random.number(1...2), length)
        case .oldBackup: failOver(losing: random.number(1...10), length)
        case .trimmedLog: database.trimmed = max(database.trimmed, database.head - random.number(1...2))
        case .damagedRow:
            if random.chance(50), database.head > 0 {
                database.damaged = random.number(1...database.head)
            } else {
                // The next one, before anybody has read it.
                database.damaged = database.head + 1
                revoke(random.index(keys), on: random.pick(nodes), attempts: 4)
            }
        case .lockHolder: database.logIsLockedUntil = now + random.number(1_000...1_500_000)
        default: break
        }
    }

    /// The old server answers nobody any more: it cannot commit without its standby.
    private func failOver(losing count: Int64, _ length: Int64) {
        let durable = database.durable(at: now)
        let kept = max(0, durable - count)
        for row in database.log[Int(kept)..<Int(durable)] { checker.excused.insert(row.link) }
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

    /// A copy of the whole machine, memory, name and all, beside the one it was made of. Either the machine tells it so
    /// at once, or it begins when the lease that it remembers is over; one that goes on with the original's lease is
    /// outside of what lease mode promises (assumption C2).
    private func clone(_ node: SimulatedNode) {
        guard node.isRunning, node.member.id != nil, !isStrict else { return }
        let copy = SimulatedNode(
            index: nodes.count, keys: keys, node.timing, breaking: breakage,
            offset: node.clock(at: now).microseconds - now, partsPerMillion: 0)
        copy.member = node.member
        copy.memory = node.memory
        copy.generations = node.generations
        copy.published = node.published
        copy.loadedTimeline = node.loadedTimeline
        copy.refused = node.refused
        copy.renewalSent = node.renewalSent
        copy.longestLease = node.longestLease
        let isTold = random.chance(50)
        after(isTold ? 0 : random.number(1_500_000...1_800_000)) { [unowned self] in
            copy.isRunning = true
            copy.cachedClock = copy.clock(at: now)
            nodes.append(copy)
            // What was under way in the original gets no answer here.
            give(isTold ? .machineWasCopied : .abandoned, to: copy)
            // Some are told to end before they have noticed anything.
            if !isTold, random.chance(20) {
                leave(copy, back: 1_000_000)
            } else {
                give(.hint, to: copy)
            }
            guard !isTold, let key = (0..<keys).first(where: { !database.isDenied($0) }) else { return }
            // The copy hears of a change before the original does.
            node.hearsNothingUntil = now + 400_000
            after(random.number(0...20_000)) { [unowned self] in
                revoke(key, on: random.pick(nodes), attempts: 4)
            }
        }
    }
}
