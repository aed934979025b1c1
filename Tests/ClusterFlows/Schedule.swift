import Foundation
import KeybearerAPI
import KeybearerTestHarness

/// A few seconds of load, changes and mishaps, and what was seen.
struct Schedule {
    struct Outcome {
        var violations: [String] = []
        var denials = 0
        var accepted = 0
    }

    /// So many in each, or it proves little.
    static let leastDenials = 55

    let trio: Trio
    let load: Load

    /// - Parameter mishaps: how many lines of them run beside each other, each one mishap after the other.
    func run(_ mishaps: [[Mishap]], milliseconds: Int = 3000) async throws -> Outcome {
        let denials = Changers.Counter()
        let changers = Changers(trio: trio, load: load, denials: denials)
        var subjects: [Subject] = []
        func subject(_ key: String) -> Subject {
            let subject = Subject(key: key)
            subjects.append(subject)
            load.include(subject)
            return subject
        }
        var revoked: [[(id: String, subject: Subject)]] = Array(repeating: [], count: 5)
        for number in 0..<90 {
            let made = try await trio.key(on: number % 3)
            revoked[number / 18].append((made.id, subject(made.key)))
        }
        let disabled = try await trio.key()
        let narrowed = try await trio.key()
        // One of its own: what an earlier schedule asked for and heard no answer to may still happen to its.
        let slug = "gull-\(UUID().uuidString.prefix(8).lowercased())"
        try await trio.organization(slug)
        let suspended = try await trio.key(slug)
        let (first, second, third) = (subject(disabled.key), subject(narrowed.key), subject(suspended.key))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for keys in revoked { group.addTask { await changers.revoke(keys) } }
            group.addTask {
                await changers.toggle(
                    first, "PATCH", "/v1/api-keys/\(disabled.id)", "tern", deny: ["enabled": false],
                    allow: ["enabled": true])
            }
            group.addTask {
                await changers.toggle(
                    second, "PATCH", "/v1/api-keys/\(narrowed.id)", "tern", deny: ["permissions": ["project:read"]],
                    allow: ["permissions": ["project:read", "project:deploy"]])
            }
            group.addTask {
                await changers.toggle(
                    third, "PUT", "/v1/operator/organizations/\(slug)", slug, deny: ["suspended": true],
                    allow: ["suspended": false])
            }
            try await withThrowingTaskGroup(of: Void.self) { lines in
                lines.addTask { try await Task.sleep(for: .milliseconds(milliseconds)) }
                for line in mishaps {
                    lines.addTask {
                        for mishap in line { try await mishap.happen(to: trio) }
                    }
                }
                try await lines.waitForAll()
            }
            try await trio.heal()
            // What waits for an answer gets it, or gives up; and a slow machine makes up for the mishaps.
            let limit = ContinuousClock.now + .seconds(15)
            while denials.value < Self.leastDenials, ContinuousClock.now < limit {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await Task.sleep(for: .milliseconds(300))
            group.cancelAll()
            while true {
                do {
                    guard try await group.next() != nil else { break }
                } catch is CancellationError {
                    continue
                }
            }
        }
        load.clear()
        var outcome = Outcome(denials: denials.value)
        for subject in subjects {
            let history = subject.recorded
            outcome.accepted += history.acceptances.count
            outcome.violations += history.violations.map(\.description)
        }
        return outcome
    }
}

/// Seeded, so that a schedule can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
