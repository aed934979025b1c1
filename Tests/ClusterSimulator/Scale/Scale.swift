import KeybearerCluster

/// `keybearer-simulate scale [SEED]`: what many nodes cost their database and how long revokes wait, as the tables of
/// docs/scaling.md; its bounds are held on every run of the simulator.
struct Scale {
    let seed: UInt64
    /// Revokes of a row, four a second.
    let revokes: Int
    static let sizes = [3, 10, 100, 1000]

    struct Outcome {
        var nodes = 0
        var revokes = 0
        var seconds = 0.0
        var commits = 0
        var rows = 0
        var busy = 0.0
        var median: Int64 = 0
        var p99: Int64 = 0
        var longest: Int64 = 0
        var byTime = 0
        var lapses = 0
        var failures = 0
        var readyAt: Int64 = 0
        /// The longest wait of a revoke that began after two leases, by when a stopped node is taken for dead.
        var longestLater: Int64 = 0

        var commitsPerSecond: Double { Double(commits) / seconds }
        var rowsPerSecond: Double { Double(rows) / seconds }
    }

    /// All nodes join, then revokes come at random nodes and moments.
    ///
    /// - Parameters:
    ///   - perSecond: revokes.
    ///   - atLeast: for how long, in microseconds.
    ///   - stopped: how many nodes stop, all at once, just before the revokes begin.
    func run(
        _ count: Int, _ costs: Costs = Costs(), revokes: Int? = nil, perSecond: Int64 = 4, stopped: Int = 0,
        lasting atLeast: Int64 = 20_000_000
    ) -> Outcome {
        let revokes = revokes ?? self.revokes
        let crowd = Crowd(count, costs, seed: seed)
        crowd.start(within: 1_000_000)
        let begin: Int64 = 6_000_000
        crowd.run(until: begin)
        let before = crowd.station
        for node in crowd.nodes.suffix(stopped) { node.isStopped = true }
        let length = max(atLeast, Int64(revokes) * 1_000_000 / perSecond)
        for _ in 0..<revokes {
            let time = begin + crowd.random.number(1...length)
            let node = crowd.nodes[crowd.random.index(count - stopped)]
            crowd.at(time) { crowd.revoke(on: node) }
        }
        crowd.run(until: begin + length)
        let after = crowd.station
        // Those that came last are waited for, too.
        crowd.run(until: begin + length + 8_000_000)

        var outcome = Outcome()
        outcome.nodes = count
        outcome.revokes = revokes
        outcome.seconds = Double(length) / 1_000_000
        outcome.commits = after.commits - before.commits
        outcome.rows = after.rows - before.rows
        outcome.busy = Double(after.busy - before.busy) / Double(length) / Double(costs.cores)
        let spans = crowd.waits.map(\.span).sorted()
        if !spans.isEmpty {
            outcome.median = spans[spans.count / 2]
            outcome.p99 = spans[spans.count * 99 / 100]
            outcome.longest = spans[spans.count - 1]
        }
        outcome.byTime = crowd.waits.count { $0.byTime }
        outcome.longestLater = crowd.waits.filter { $0.from > begin + 12_000_000 }.map(\.span).max() ?? 0
        outcome.lapses = crowd.lapses
        outcome.failures = crowd.failures
        outcome.readyAt = crowd.readyAt
        if crowd.waits.count != revokes { outcome.failures += 1 }
        return outcome
    }
}
