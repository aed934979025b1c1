import KeybearerCluster

/// What people and gateways ask of the nodes.
extension Simulation {
    func scheduleChanges() {
        for _ in 0..<random.number(2...(random.chance(5) ? 30 : 6)) {
            let time = random.number(300_000...horizon - 1_500_000)
            let key = random.index(keys)
            if random.chance(35) {
                at(time) { [unowned self] in enable(key, on: random.pick(nodes)) }
            } else {
                at(time) { [unowned self] in revoke(key, on: random.pick(nodes), attempts: 4) }
                if random.chance(20) {
                    checker.count(.twoRevokers)
                    at(time + random.number(0...5_000)) { [unowned self] in
                        revoke(key, on: random.pick(nodes), attempts: 4)
                    }
                }
            }
        }
    }

    func scheduleVerifications() {
        for _ in 0..<30 {
            at(random.number(0...horizon)) { [unowned self] in
                verify(random.index(keys), on: random.pick(nodes))
                if random.chance(10) { forget(random.index(keys), on: random.pick(nodes)) }
            }
        }
    }

    /// What memory has no room for. A reading of all keys ends there, and what was read before does not come back.
    private func forget(_ key: Int, on node: SimulatedNode) {
        node.memory[key] = .unknown
        if node.fills > 0 { node.generations[key] += 1 }
    }

    // MARK: Changing

    func enable(_ key: Int, on node: SimulatedNode) {
        guard node.isRunning else { return }
        let change = checker.beginEnabling(key, at: now)
        call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
            append(key, denies: false) { [unowned self] place, _ in
                checker.enabled(key, change, place.revision)
                reply(true)
            }
        } _: { _ in
        }
    }

    private enum Commit {
        case done(Position<UInt64>)
        case wasRevoked
        case unknown
    }

    func revoke(_ key: Int, on node: SimulatedNode, attempts: Int) {
        guard node.isRunning else { return }
        let invoked = node.clock(at: now)
        trace("revoke \(key) on \(node.index)")
        call(node) { [unowned self] (reply: @escaping (Commit) -> Void) in
            if database.isDenied(key), breakage.ignores(.repeatedRevokeWaitsToo) { return reply(.wasRevoked) }
            append(key, denies: true) { place, isCertain in reply(isCertain ? .done(place) : .unknown) }
        } _: { [unowned self] answer in
            switch answer {
            case .done(let place): wait(for: place, key, on: node, since: invoked, attempts)
            case .wasRevoked: returned(key, database.place)
            case .unknown, nil:
                if breakage.ignores(.unknownOutcomeIsNoSuccess) { return returned(key, database.place) }
                guard attempts > 1 else { return }
                // Whoever asked may have turned to another node meanwhile.
                let next = random.chance(30) ? random.pick(nodes) : node
                after(random.number(1_000...50_000)) { [unowned self] in
                    revoke(key, on: next, attempts: attempts - 1)
                }
            }
        }
    }

    /// Row and COMMIT in one message; the answer is not certain where the wait for the standby was given up.
    private func append(_ key: Int, denies: Bool, _ reply: @escaping (Position<UInt64>, Bool) -> Void) {
        let boot = database.boot
        statement(boot) { [unowned self] in
            guard database.logIsLockedUntil <= now else {
                return at(database.logIsLockedUntil) { [unowned self] in
                    guard database.boot == boot else { return }
                    append(key, denies: denies, reply)
                }
            }
            if database.standbyIsBackAt > now, random.chance(20) {
                // The wait is cancelled: the change is there, but only here.
                checker.count(.cancelledWait)
                database.cancelWait()
                _ = database.append(key: key, denies: denies)
                checker.committed(database.place.link, at: now)
                return reply(database.place, false)
            }
            committing(boot) { [unowned self] in
                let revision = database.append(key: key, denies: denies)
                checker.committed(database.place.link, at: now)
                trace("commit \(revision): \(key) \(denies ? "revoked" : "enabled")")
                spreadWord()
                reply(database.place, true)
            }
        }
    }

    /// Notifications come late, twice or not at all.
    private func spreadWord() {
        for node in nodes where node.hearsNothingUntil <= now {
            for _ in 0..<(random.chance(5) ? 2 : random.chance(10) ? 0 : 1) {
                on(node, after: random.chance(5) ? random.number(0...300_000) : random.number(50...2_000)) {
                    [unowned self] in give(.news, to: node)
                }
            }
        }
    }

    private func wait(
        for place: Position<UInt64>, _ key: Int, on node: SimulatedNode, since invoked: Moment, _ attempts: Int
    ) {
        let began = breakage.ignores(.waitBeginsAfterTheCommit) ? invoked : node.clock(at: now)
        var barrier = RevocationBarrier(
            revision: place.revision, began: began, lease: node.timing.lease, breaking: breakage)
        func ask() {
            call(node) { [unowned self] (reply: @escaping (([NodeRow], Int, Bool)) -> Void) in
                statement(database.boot) { [unowned self] in
                    reply((database.living, database.timeline, database.holds(place)))
                }
            } _: { [unowned self] answer in
                let clock = node.clock(at: now)
                guard let (rows, timeline, holdsCommit) = answer else {
                    if case .elapsed = barrier.decideWithoutAnswer(at: clock) { return returned(key, place) }
                    return on(node, after: random.number(1_000...25_000)) { ask() }
                }
                if node.timeline != timeline { (node.timeline, node.timelineSeen) = (timeline, clock) }
                node.longestLease = max(node.longestLease, rows.map(\.lease).max() ?? node.longestLease)
                let isSettled = timeline == 1 || clock >= node.timelineSeen.advanced(by: node.longestLease)
                let outcome = barrier.decide(rows, holdsCommit: holdsCommit, at: clock)
                if outcome == .lost {
                    guard attempts > 1 else { return }
                    return revoke(key, on: node, attempts: attempts - 1)
                }
                if outcome == .waiting || !isSettled && clock < barrier.lastLeaseEnd {
                    return on(node, after: random.number(1_000...25_000)) { ask() }
                }
                trace("revoke of \(key) returns: \(outcome)")
                returned(key, place)
            }
        }
        ask()
    }

    private func returned(_ key: Int, _ place: Position<UInt64>) {
        checker.returned(key, place, at: now, database)
        for node in nodes {
            for _ in 0..<2 {
                let pause = random.chance(50) ? random.number(1...2_000) : random.number(1...1_500_000)
                after(pause) { [unowned self] in verify(key, on: node) }
            }
        }
    }
}
