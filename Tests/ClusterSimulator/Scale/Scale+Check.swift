import KeybearerCluster

/// The bounds of docs/scaling.md. Times here are simulated and follow from the seed, so they either hold or do not.
extension Scale {
    /// - Returns: the bounds that do not hold.
    func brokenBounds() -> [String] {
        var broken: [String] = []
        func expect(_ holds: Bool, _ what: String) { if !holds { broken.append(what) } }
        let (own, logged) = (Self.commitsPerSecond(locked: false), Self.commitsPerSecond(locked: true))
        expect(abs(own - 6_258) < 200, "12 writers commit \(own) a second in the simulated database, not 6,258")
        expect(abs(logged - 2_135) < 60, "12 writers change \(logged) a second in the simulated database, not 2,135")
        for count in Self.sizes {
            let idle = run(count, revokes: 0)
            expect(abs(idle.commits - Int(Double(count) * idle.seconds)) <= count, "\(count) nodes renew once a second")
            expect(idle.rowsPerSecond < 20.0 * Double(max(count, 50)), "\(count) nodes read few rows while idle")
            expect(idle.readyAt < 3_000_000, "\(count) nodes that start within a second have joined after three")
            sane(idle, expect)
            let healthy = run(count)
            expect(healthy.byTime == 0, "\(count) healthy nodes acknowledge every change")
            expect(healthy.longest <= Self.bound(count), "\(count) healthy nodes: \(healthy.longest) µs")
            sane(healthy, expect)
            let stopped = run(count, stopped: 1)
            expect((1_000_000...5_500_000).contains(stopped.longest), "one of \(count) stopped: \(stopped.longest) µs")
            expect(
                stopped.longestLater <= Self.bound(count), "one of \(count) taken for dead: \(stopped.longestLater) µs")
            sane(stopped, expect)
        }
        var silent = Costs()
        silent.losesNotifications = true
        var far = Costs()
        far.roundTrip = 80_000
        for count in [3, 100] {
            let unheard = run(count, silent)
            expect(
                unheard.longest <= 1_100_000 + Self.bound(count), "\(count) nodes, nothing heard: \(unheard.longest) µs"
            )
            sane(unheard, expect)
            let distant = run(count, far)
            expect(distant.longest <= 600_000, "\(count) nodes 80 ms away: \(distant.longest) µs")
            sane(distant, expect)
        }
        let halved = run(1000, stopped: 500)
        expect(halved.longest <= 5_500_000, "half of 1,000 stopped: \(halved.longest) µs")
        expect(halved.longestLater <= Self.bound(1000), "half of 1,000 taken for dead: \(halved.longestLater) µs")
        sane(halved, expect)
        return broken
    }

    /// No node that runs is ever without its lease, and no call of it fails.
    private func sane(_ outcome: Outcome, _ expect: (Bool, String) -> Void) {
        expect(outcome.lapses == 0, "\(outcome.lapses) of \(outcome.nodes) nodes were without a lease")
        expect(outcome.failures == 0, "\(outcome.failures) calls of \(outcome.nodes) nodes failed")
    }

    /// The longest that a revoke may wait for so many healthy nodes.
    private static func bound(_ count: Int) -> Int64 { count <= 10 ? 20_000 : count <= 100 ? 100_000 : 1_200_000 }

    /// What the simulated database does under the load that its costs were measured with.
    private static func commitsPerSecond(locked: Bool) -> Double {
        var random = Randomness(seed: 1)
        var station = Station(Costs())
        var writers = [Int64](repeating: 0, count: 12)
        while let now = writers.min(), now < 10_000_000, let next = writers.firstIndex(of: now) {
            writers[next] = locked ? station.change(now, listeners: 0) : station.commit(now, &random)
        }
        return Double(station.commits) / 10
    }
}
