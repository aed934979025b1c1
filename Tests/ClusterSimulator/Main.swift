import Foundation
import KeybearerCluster

/// `keybearer-simulate [SCHEDULES [FIRST-SEED]]`: runs schedules, then breaks each rule and has to notice.
/// `keybearer-simulate rules FIRST-SEED…`: breaks each rule in the schedules from each of these seeds on.
/// `keybearer-simulate scale [SEED]`: what many nodes cost, as the tables of docs/scaling.md.
/// `keybearer-simulate trace SEED [RULE]`: one schedule, line by line.
@main
enum Main {
    /// Within so many schedules a broken rule has to be found.
    private static let patience: UInt64 = 5_000

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "trace", arguments.count > 1, let seed = UInt64(arguments[1]) {
            return trace(seed, arguments.count > 2 ? Rule(rawValue: arguments[2]) : nil)
        }
        if arguments.first == "scale" {
            return Scale(seed: arguments.count > 1 ? UInt64(arguments[1]) ?? 1 : 1, revokes: 200).printTables()
        }
        if arguments.first == "rules" {
            let isComplete = arguments.dropFirst().compactMap { UInt64($0) }.map(everyBrokenRuleIsFound)
            exit(isComplete.allSatisfy { $0 } ? 0 : 1)
        }
        let schedules = arguments.first.flatMap { UInt64($0) } ?? 20_000
        let first = arguments.count > 1 ? UInt64(arguments[1]) ?? 1 : UInt64.random(in: 1...1_000_000_000)
        print("\(schedules) schedules from seed \(first)")
        // Always the same schedules: whether they are enough is decided once, not anew by each run's luck.
        guard everyBrokenRuleIsFound(1), everyScheduleHolds(first, schedules), everyBoundHolds() else { exit(1) }
    }

    private static func everyScheduleHolds(_ first: UInt64, _ schedules: UInt64) -> Bool {
        var faults: [Fault: Int] = [:]
        var (acceptances, revokes) = (0, 0)
        let began = ContinuousClock.now
        for seed in first..<first + schedules {
            let simulation = Simulation(seed: seed)
            if let violation = simulation.run() {
                print("seed \(seed): \(violation)\nreplay: keybearer-simulate trace \(seed)")
                return false
            }
            faults.merge(simulation.checker.faults, uniquingKeysWith: +)
            acceptances += simulation.checker.acceptances
            revokes += simulation.checker.revokes
            let done = seed - first + 1
            if done.isMultiple(of: 100_000), done < schedules { print("  \(done) schedules held") }
        }
        for fault in Fault.allCases { print("  \(faults[fault] ?? 0) × \(fault.rawValue)") }
        print(
            "every invariant held: \(revokes) revokes returned, \(acceptances) verifications accepted, \(began.duration(to: .now))"
        )
        let missing = Fault.allCases.filter { faults[$0] == nil }
        if schedules >= 5_000, !missing.isEmpty {
            print("never caused: \(missing)")
            return false
        }
        return true
    }

    private static func everyBrokenRuleIsFound(_ first: UInt64) -> Bool {
        var isComplete = true
        print("each rule broken, from seed \(first)")
        for rule in Rule.allCases {
            let found = (first..<first + patience).lazy.compactMap { seed in
                Simulation(seed: seed, breaking: rule).run().map { (seed - first + 1, $0) }
            }.first
            if let (count, violation) = found {
                print("  \(rule): found by schedule \(count), \(violation)")
            } else {
                print("  \(rule): NOT FOUND in \(patience) schedules")
                isComplete = false
            }
        }
        return isComplete
    }

    private static func everyBoundHolds() -> Bool {
        let began = ContinuousClock.now
        let broken = Scale(seed: 1, revokes: 30).brokenBounds()
        for bound in broken { print("docs/scaling.md does not hold: \(bound)") }
        if broken.isEmpty { print("1,000 nodes: every bound of docs/scaling.md held, \(began.duration(to: .now))") }
        return broken.isEmpty
    }

    private static func trace(_ seed: UInt64, _ rule: Rule?) {
        let simulation = Simulation(seed: seed, breaking: rule, traces: true)
        let violation = simulation.run()
        for line in simulation.lines ?? [] { print(line) }
        print(violation ?? "every invariant held")
    }
}
