import KeybearerCluster

/// Does what a node's part of the protocol asks for.
extension Simulation {
    func start(_ node: SimulatedNode) {
        guard !node.isRunning else { return }
        node.incarnation += 1
        node.isRunning = true
        node.member = Member(node.timing, breaking: breakage)
        node.reaping = Reaping(node.timing, breaking: breakage)
        node.forgetProcess()
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
        switch event {
        case .hint where node.isFailing, .news where node.isFailing:
            node.isHinted = true
            return
        default: break
        }
        let clock = node.clock(at: now)
        node.cachedClock = clock
        let before = node.member.leaseEnd
        let commands = node.member.handle(event, at: clock)
        if node.member.leaseEnd > before {
            trace("node \(node.index) may decide by \(node.member.applied)")
            // A lease that is broken on purpose has to show in what is accepted.
            if broken == nil { checker.checkLease(of: node) }
        }
        releaseWaiters(of: node, after: event)
        for command in commands { perform(command, for: node) }
    }

    /// Lets those go on whose question a renewal has answered; a failed call is what all of them are told of.
    private func releaseWaiters(of node: SimulatedNode, after event: Member<SimulatedRow>.Event) {
        switch event {
        case .failed: node.isFailing = true
        case .loaded, .registered, .renewed, .followed, .overtaken, .fenced, .acknowledged:
            node.isFailing = false
            if node.isHinted {
                node.isHinted = false
                on(node, after: 0) { [unowned self] in give(.hint, to: node) }
            }
        default: break
        }
        let isOver = node.isFailing
        let confirmed = node.member.confirmed
        let released = node.waiters.filter { isOver || $0.sendings < confirmed }
        node.waiters.removeAll { isOver || $0.sendings < confirmed }
        for waiter in released {
            let isCurrent = waiter.sendings < confirmed
            on(node, after: random.number(0...20)) { waiter.resume(isCurrent) }
        }
    }

    /// Waits until memory reflects everything that was committed before; `done` is told whether it does.
    func catchUp(_ node: SimulatedNode, _ done: @escaping (Bool) -> Void) {
        guard !node.isFailing else { return done(false) }
        node.waiters.append((sendings: node.member.sendings, resume: done))
        on(node, after: random.number(0...20)) { [unowned self] in give(.hint, to: node) }
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
        case .follow(let request, let id, let renewal, let applied):
            follow(request, id, renewal, applied, for: node)
        case .apply(let request, let rows): apply(request, rows, for: node)
        case .acknowledge(let request, let id, let renewal, let applied):
            acknowledge(request, id, renewal, applied, for: node)
        case .withdraw(let id, let renewal):
            call(node) { [unowned self] (reply: @escaping (Bool) -> Void) in
                withdraw(id, renewal, reply)
            } _: { _ in
            }
        case .reportLostHistory: checker.alarms += 1
        }
    }

    /// Memory is a cache: the state at a place is what is read after everything was forgotten.
    private func load(_ request: Member<SimulatedRow>.Request, for node: SimulatedNode) {
        call(node) { [unowned self] (reply: @escaping ((Position<UInt64>, Int)) -> Void) in
            statement(database.boot) { [unowned self] in
                let answer = (database.place, database.timeline)
                statement(database.boot) { reply(answer) }
            }
        } _: { [unowned self] answer in
            guard let (place, timeline) = answer else { return give(.failed(request), to: node) }
            for key in 0..<keys {
                node.memory[key] = .unknown
                node.generations[key] += 1
            }
            node.loadedTimeline = timeline
            node.published = place.revision
            trace("node \(node.index) begins anew at \(place.revision)")
            if random.chance(90) { fill(node) }
            give(.loaded(request, place), to: node)
        }
    }

    /// Reads all keys beside everything else, which takes long where they are many: what changed meanwhile does not
    /// enter memory.
    private func fill(_ node: SimulatedNode) {
        let generations = node.generations
        let longest: Int64 = node.fillsSlowly ? 600_000 : random.chance(10) ? 150_000 : 300
        node.fillsSlowly = false
        node.fills += 1
        call(node) { [unowned self] (reply: @escaping ([SimulatedDatabase.KeyState]) -> Void) in
            statement(database.boot) { [unowned self] in
                let snapshot = (0..<keys).map { database.state(of: $0) }
                statement(database.boot, longest: longest) { reply(snapshot) }
            }
        } _: { [unowned self] answer in
            node.fills = max(0, node.fills - 1)
            guard let state = answer else { return }
            for key in 0..<keys
            where node.generations[key] == generations[key] || breakage.ignores(.loadsDoNotResurrect) {
                // What was loaded meanwhile may be newer.
                if node.memory[key] == .unknown { remember(state[key], of: key, on: node) }
            }
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

    /// Takes into memory what was read of a key.
    func remember(_ state: SimulatedDatabase.KeyState, of key: Int, on node: SimulatedNode) {
        if state.timeline == database.timeline {
            checker.checkMonotony(
                of: node, key, isDenied: state.isDenied, state.revision, timeline: state.timeline)
        }
        node.memory[key] = state.isDenied ? .denied : .accepted
    }

    private enum Renewal {
        case rows([SimulatedRow], timeline: Int)
        case fenced
    }

    private static let mostRows = 12

    private func renew(
        _ request: Member<SimulatedRow>.Request, _ id: NodeID, _ renewal: Int64, _ applied: Int64,
        for node: SimulatedNode
    ) {
        node.renewalSent = node.clock(at: now)
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
                            reply(.rows(rows, timeline: database.timeline))
                        }
                    }
                }
            }
        } _: { [unowned self] answer in
            tell(node, request, answer) { .renewed(request, $0) }
        }
    }

    private func follow(
        _ request: Member<SimulatedRow>.Request, _ id: NodeID, _ renewal: Int64, _ applied: Int64,
        for node: SimulatedNode
    ) {
        call(node) { [unowned self] (reply: @escaping (Renewal) -> Void) in
            statement(database.boot) { [unowned self] in
                guard let index = database.position(of: id), !database.rows[index].isDead,
                    database.rows[index].renewal == renewal || breakage.ignores(.renewalNumbersAreCompared)
                else { return reply(.fenced) }
                reply(.rows(database.rows(from: applied), timeline: database.timeline))
            }
        } _: { [unowned self] answer in
            tell(node, request, answer) { .followed(request, $0) }
        }
    }

    private func tell(
        _ node: SimulatedNode, _ request: Member<SimulatedRow>.Request, _ answer: Renewal?,
        _ event: ([SimulatedRow]) -> Member<SimulatedRow>.Event
    ) {
        switch answer {
        case .rows(let rows, let timeline):
            // Another server has taken over, or there is more than is worth reading row by row.
            let isAnew = timeline != node.loadedTimeline || rows.count > Self.mostRows
            give(isAnew ? .overtaken(request) : event(rows), to: node)
        case .fenced: give(.fenced(request), to: node)
        case nil: give(.failed(request), to: node)
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
        for row in rows.suffix(2) where row.key < keys {
            if random.chance(50) {
                on(node, after: random.number(0...60)) { [unowned self] in verify(row.key, on: node) }
            }
            if random.chance(60) {
                on(node, after: random.number(500...20_000)) { [unowned self] in verify(row.key, on: node) }
            }
        }
        // Forgetting an organization reads through all there is.
        let isLong =
            random.chance(15) || breakage.ignores(.acknowledgementFollowsPublication)
            || breakage.ignores(.leaseFollowsPublication)
        on(node, after: random.number(0...(isLong ? 20_000 : 50))) { [unowned self] in
            for row in rows where row.key < keys {
                if row.denies, node.loadedTimeline == database.timeline {
                    checker.checkMonotony(
                        of: node, row.key, isDenied: true, row.revision, timeline: database.timeline)
                }
                node.memory[row.key] = .unknown
                node.generations[row.key] += 1
            }
            node.published = rows.last?.revision ?? node.published
            give(.published(request), to: node)
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

    private func withdraw(_ id: NodeID, _ renewal: Int64, _ reply: @escaping (Bool) -> Void) {
        let boot = database.boot
        committing(boot) { [unowned self] in
            guard let index = database.position(of: id),
                database.rows[index].renewal == renewal || breakage.ignores(.renewalNumbersAreCompared)
            else { return reply(true) }
            guard !database.rows[index].isLocked else {
                return statement(boot) { [unowned self] in withdraw(id, renewal, reply) }
            }
            database.rows.remove(at: index)
            reply(true)
        }
    }

    /// Every node also looks for nodes that have gone.
    private func watch(_ node: SimulatedNode) {
        on(node, after: random.number(50_000...200_000)) { [unowned self] in
            let isDue = looksOften || node.reaping.isDue(at: node.clock(at: now))
            guard node.member.id != nil, !node.isFailing, isDue else { return watch(node) }
            call(node) { [unowned self] (reply: @escaping ([NodeRow]) -> Void) in
                statement(database.boot) { [unowned self] in reply(database.living) }
            } _: { [unowned self] rows in
                if let rows {
                    let jitter = Span(microseconds: random.number(0...100_000))
                    for dead in node.reaping.observe(rows, jitter: jitter, at: node.clock(at: now)) {
                        bury(dead.id, dead.renewal, from: node)
                    }
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
