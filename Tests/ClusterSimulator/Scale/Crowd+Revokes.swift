import KeybearerCluster

/// What a revoke does: commits, and waits as the product does, with its own barrier and pacing.
extension Crowd {
    func start(within span: Int64) {
        for node in nodes { at(random.number(0...span)) { [unowned self] in give(.start, to: node) } }
    }

    func revoke(on node: Node) {
        guard !node.isStopped else { return }
        at(now + oneWay) { [unowned self] in
            at(station.change(now, listeners: nodes.count)) { [unowned self] in
                let last = log.last?.link ?? 0
                let row = SimulatedRow(revision: Int64(log.count) + 1, key: 0, denies: true, behind: last)
                log.append(row)
                if !costs.losesNotifications { spreadWord(of: row.revision) }
                at(now + costs.flush + oneWay) { [unowned self] in
                    give(.news, to: node)
                    wait(for: row.revision, on: node)
                }
            }
        }
    }

    private var oneWay: Int64 { costs.roundTrip / 2 }

    private func spreadWord(of revision: Int64) {
        for (position, node) in nodes.enumerated() {
            at(now + oneWay + Int64(position) * costs.notification) { [unowned self] in
                if node.member.applied < revision { give(.news, to: node) }
            }
        }
    }

    private func wait(for revision: Int64, on node: Node) {
        let began = now
        var barrier = RevocationBarrier(revision: revision, began: clock, lease: timing.lease)
        var pacing = BarrierPacing(isFollowed: false)
        func ask() {
            view(on: node) { [unowned self] seen in
                let outcome = barrier.decide(seen, holdsCommit: true, at: clock)
                switch outcome {
                case .waiting, .lost:
                    pause(nodes: seen.count)
                case .acknowledged: waits.append((span: now - began, byTime: false, from: began))
                case .elapsed:
                    waits.append((span: now - began, byTime: true, from: began))
                    burySoon(on: node)
                }
            }
        }
        func pause(nodes: Int) {
            let pause = pacing.next(after: Span(microseconds: now - began), nodes: nodes)
            at(now + pause.microseconds) { ask() }
        }
        pause(nodes: 0)
    }

    /// One question for all who wait on a node, begun after each of them asked.
    private func view(on node: Node, _ done: @escaping ([NodeRow]) -> Void) {
        node.asks.append(done)
        if !node.isAsking { askNext(on: node) }
    }

    private func askNext(on node: Node) {
        let asks = node.asks
        node.asks = []
        node.isAsking = !asks.isEmpty
        guard node.isAsking else { return }
        at(now + oneWay) { [unowned self] in
            let seen = living
            at(station.read(now, rows: seen.count) + oneWay) { [unowned self] in
                for ask in asks { ask(seen) }
                askNext(on: node)
            }
        }
    }

    private func burySoon(on node: Node) {
        guard !node.isBurying else { return }
        node.isBurying = true
        var reaper = Reaper()
        view(on: node) { [unowned self] seen in
            _ = reaper.observe(seen, at: clock)
            at(now + timing.lease.microseconds + 20_000) { [unowned self] in
                view(on: node) { [unowned self] seen in buryNext(reaper.observe(seen, at: clock)[...], on: node) }
            }
        }
    }

    private func buryNext(_ dead: ArraySlice<(id: NodeID, renewal: Int64)>, on node: Node) {
        guard let first = dead.first else {
            node.isBurying = false
            return
        }
        at(now + oneWay) { [unowned self] in
            bury(first)
            at(station.commit(now, &random) + oneWay) { [unowned self] in buryNext(dead.dropFirst(), on: node) }
        }
    }
}
