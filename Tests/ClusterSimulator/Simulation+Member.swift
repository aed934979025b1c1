import KeybearerCluster

/// Does what a node's part of the protocol asks for.
extension Simulation {
    func start(_ node: SimulatedNode) {
        guard !node.isRunning else { return }
        node.incarnation += 1
        node.isRunning = true
        node.member = Member(node.timing, breaking: breakage)
        node.reaper = Reaper(breaking: breakage)
        node.memory = Array(repeating: .unknown, count: keys)
        node.published = 0
        (node.deciding, node.remaining, node.quiesced) = (0, 0, nil)
        node.timeline = 0
        trace("node \(node.index) starts")
        give(.start, to: node)
        watch(node)
    }

    func kill(_ node: SimulatedNode) {
        trace("node \(node.index) is killed")
        node.isRunning = false
        node.incarnation += 1
    }

    func give(_ event: Member<SimulatedRow>.Event, to node: SimulatedNode) {
        let clock = node.clock(at: now)
        node.cachedClock = clock
        let before = node.member.leaseEnd
        let commands = node.member.handle(event, at: clock)
        if node.member.leaseEnd > before {
            trace("node \(node.index) may decide by \(node.member.applied)")
            checker.checkLease(of: node, at: clock, database)
        }
        for command in commands { perform(command, for: node) }
    }

    private func perform(_ command: Member<SimulatedRow>.Command, for node: SimulatedNode) {
        switch command {
        case .wake(let moment):
            let span = Span(microseconds: moment.microseconds - node.clock(at: now).microseconds)
            on(node, after: max(0, node.duration(of: span))) { [unowned self] in give(.tick, to: node) }
        case .load(let request): load(request, for: node)
        case .register(let request): register(request, for: node)
        case .renew(let request, let id, let renewal, let applied):
            renew(request, id, renewal, applied, for: node)
        case .apply(let request, let rows): apply(request, rows, for: node)
        case .acknowledge(let request, let id, let renewal, let applied):
            acknowledge(request, id, renewal, applied, for: node)
        case .withdraw(let id):
            call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
                withdraw(id, reply)
            } _: { _ in
            }
        case .reportLostHistory: checker.alarms += 1
        }
    }

    private func load(_ request: Member<SimulatedRow>.Request, for node: SimulatedNode) {
        call(node) { [unowned self] (reply: @escaping ((Position<UInt64>, [Bool])) -> Void) in
            statement(database.boot) { [unowned self] in
                let snapshot = (database.place, (0..<keys).map { database.isDenied($0) })
                // A full reload of many keys.
                statement(database.boot, longest: random.chance(10) ? 150_000 : 300) { reply(snapshot) }
            }
        } _: { [unowned self] answer in
            guard let (place, state) = answer else { return give(.failed(request), to: node) }
            for key in 0..<keys {
                node.memory[key] = state[key] ? .denied : .accepted
                node.generations[key] += 1
            }
            node.published = place.revision
            trace("node \(node.index) loads \(place.revision)")
            node.quiesce { [unowned self] in give(.loaded(request, place), to: node) }
        }
    }

    private func register(_ request: Member<SimulatedRow>.Request, for node: SimulatedNode) {
        names += 1
        let id = NodeID(high: 0, low: names)
        let lease = node.timing.lease
        call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
            committing(database.boot) { [unowned self] in
                database.rows.append(SimulatedDatabase.Row(id: id, lease: lease))
                reply(true)
            }
        } _: { [unowned self] answer in
            give(answer == nil ? .failed(request) : .registered(request, id), to: node)
        }
    }

    private enum Renewal {
        case rows([SimulatedRow])
        case fenced
    }

    private func renew(
        _ request: Member<SimulatedRow>.Request, _ id: NodeID, _ renewal: Int64, _ applied: Int64,
        for node: SimulatedNode
    ) {
        stopWhileRenewing(node)
        let headBefore = database.head
        let timeline = database.timeline
        call(node) { [unowned self] (reply: @escaping (Renewal) -> Void) in
            let boot = database.boot
            statement(boot) { [unowned self] in
                locked(id, renewal, boot) { [unowned self] index in
                    guard index != nil else { return reply(.fenced) }
                    statement(boot) { [unowned self] in
                        let rows = database.rows(from: applied)
                        checker.checkRead(database, headBefore, isSameServer: timeline == database.timeline, id)
                        committing(boot) { [unowned self] in
                            if let index = database.position(of: id) {
                                database.rows[index].renewal += 1
                                database.rows[index].acknowledged = max(database.rows[index].acknowledged, applied)
                                database.rows[index].isLocked = false
                            }
                            reply(.rows(rows))
                        }
                    }
                }
            }
        } _: { [unowned self] answer in
            switch answer {
            case .rows(let rows): give(.renewed(request, rows), to: node)
            case .fenced: give(.fenced(request), to: node)
            case nil: give(.failed(request), to: node)
            }
        }
    }

    /// The row under its lock, where it is still this node's; nil where it is not.
    private func locked(_ id: NodeID, _ renewal: Int64, _ boot: Int, _ body: @escaping (Int?) -> Void) {
        guard let index = database.position(of: id), !database.rows[index].isDead,
            database.rows[index].renewal == renewal || breakage.ignores(.renewalNumbersAreCompared)
        else { return body(nil) }
        if database.rows[index].isLocked {
            return statement(boot) { [unowned self] in locked(id, renewal, boot, body) }
        }
        database.rows[index].isLocked = true
        body(index)
    }

    private func apply(_ request: Member<SimulatedRow>.Request, _ rows: [SimulatedRow], for node: SimulatedNode) {
        // The moments around a change are the ones that count.
        for row in rows.suffix(2) where random.chance(50) {
            on(node, after: random.number(0...60)) { [unowned self] in verify(row.key, on: node) }
        }
        let lag = breakage.ignores(.acknowledgementFollowsPublication) ? random.number(0...50_000) : 0
        on(node, after: random.number(0...50) + lag) { [unowned self] in
            for row in rows {
                node.memory[row.key] = random.chance(30) ? .unknown : (row.denies ? .denied : .accepted)
                node.generations[row.key] += 1
            }
            node.published = rows.last?.revision ?? node.published
            node.quiesce { [unowned self] in
                on(node, after: random.number(0...20)) { [unowned self] in give(.published(request), to: node) }
            }
        }
    }

    private func acknowledge(
        _ request: Member<SimulatedRow>.Request, _ id: NodeID, _ renewal: Int64, _ applied: Int64,
        for node: SimulatedNode
    ) {
        checker.checkAcknowledgement(of: node, applied)
        call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
            let boot = database.boot
            statement(boot) { [unowned self] in
                locked(id, renewal, boot) { [unowned self] index in
                    guard index != nil else { return reply(false) }
                    committing(boot) { [unowned self] in
                        if let index = database.position(of: id) {
                            database.rows[index].acknowledged = max(database.rows[index].acknowledged, applied)
                            database.rows[index].isLocked = false
                        }
                        reply(true)
                    }
                }
            }
        } _: { [unowned self] answer in
            switch answer {
            case true: give(.acknowledged(request), to: node)
            case false: give(.fenced(request), to: node)
            case nil: give(.failed(request), to: node)
            }
        }
    }

    private func withdraw(_ id: NodeID, _ reply: @escaping (Bool) -> Void) {
        let boot = database.boot
        committing(boot) { [unowned self] in
            guard let index = database.position(of: id) else { return reply(true) }
            guard !database.rows[index].isLocked else {
                return statement(boot) { [unowned self] in withdraw(id, reply) }
            }
            database.rows.remove(at: index)
            reply(true)
        }
    }

    /// Every node also looks for nodes that have gone.
    private func watch(_ node: SimulatedNode) {
        on(node, after: random.number(100_000...400_000)) { [unowned self] in
            call(node) { [unowned self] (reply: @escaping ([NodeRow]) -> Void) in
                statement(database.boot) { [unowned self] in reply(database.living) }
            } _: { [unowned self] rows in
                for dead in node.reaper.observe(rows ?? [], at: node.clock(at: now)) where rows != nil {
                    bury(dead.id, dead.renewal, from: node)
                }
                watch(node)
            }
        }
    }

    private func bury(_ id: NodeID, _ renewal: Int64, from node: SimulatedNode) {
        call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
            let boot = database.boot
            statement(boot) { [unowned self] in
                guard let index = database.position(of: id), database.rows[index].renewal == renewal,
                    !database.rows[index].isDead, !database.rows[index].isLocked
                else { return }
                database.rows[index].isDead = true
                checker.noteDead(id)
                reply(true)
            }
        } _: { _ in
        }
    }
}
