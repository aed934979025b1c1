import KeybearerCluster

/// The tables, as they stand in docs/scaling.md.
extension Scale {
    func printTables() {
        print("Seed \(seed); \(revokes) revokes a row, at random nodes and moments, four a second; lease 5 s.\n")
        print("| nodes | renewing: commits/s | rows read/s | of two cores | all joined after |")
        print("|---:|---:|---:|---:|---:|")
        for count in Self.sizes {
            let idle = run(count, revokes: 0)
            print(
                "| \(count) | \(Int(idle.commitsPerSecond.rounded())) | \(Int(idle.rowsPerSecond.rounded())) | \(percent(idle.busy)) | \(Self.seconds(idle.readyAt)) |"
            )
        }
        print("\n| a revoke waits | nodes | p50 ms | p99 ms | longest ms | by time | commits/s | of two cores |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        for count in Self.sizes { row("all nodes healthy", run(count)) }
        for count in Self.sizes { row("one node stopped at the beginning", run(count, stopped: 1)) }
        for count in Self.sizes {
            var costs = Costs()
            costs.losesNotifications = true
            row("every notification lost", run(count, costs))
        }
        for trip: Int64 in [10_000, 80_000] {
            for count in Self.sizes {
                var costs = Costs()
                costs.roundTrip = trip
                row("round trips of \(trip / 1000) ms", run(count, costs))
            }
        }
        for rate: Int64 in [20, 100] {
            row("\(rate) revokes a second", run(1000, revokes: Int(rate) * 10, perSecond: rate, lasting: 0))
        }
        row("half of the nodes stopped at once", run(1000, stopped: 500))
    }

    private func row(_ what: String, _ outcome: Outcome) {
        print(
            "| \(what) | \(outcome.nodes) | \(milliseconds(outcome.median)) | \(milliseconds(outcome.p99)) | \(milliseconds(outcome.longest)) | \(outcome.byTime) | \(Int(outcome.commitsPerSecond.rounded())) | \(percent(outcome.busy)) |\(outcome.lapses + outcome.failures > 0 ? " \(outcome.lapses) lapses, \(outcome.failures) failures" : "")"
        )
    }

    private func milliseconds(_ span: Int64) -> String { "\(span / 1000).\(span % 1000 / 100)" }
    private static func seconds(_ span: Int64) -> String { "\(span / 1_000_000).\(span % 1_000_000 / 100_000) s" }
    private func percent(_ share: Double) -> String { "\((min(share, 1) * 1000).rounded() / 10) %" }
}
