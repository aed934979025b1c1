import Foundation
import KeybearerTestHarness

/// Something that happens to nodes, network or database for a while.
enum Mishap: CustomStringConvertible {
    case nodePaused(Int, milliseconds: Int)
    case nodeKilled(Int, milliseconds: Int)
    case connectionsCut(Int, milliseconds: Int)
    case requestsHeld(Int, milliseconds: Int)
    case answersHeld(Int, milliseconds: Int)
    case everythingHeld(Int, milliseconds: Int)
    case slow(Int, by: Int, milliseconds: Int)
    case slowAnswers(Int, by: Int, milliseconds: Int)
    case notificationsLost(Int, milliseconds: Int)
    case databaseRestarted(milliseconds: Int)
    case databasePaused(milliseconds: Int)
    case standbyPaused(milliseconds: Int)

    var description: String {
        switch self {
        case .nodePaused(let node, let time): "node \(node) paused for \(time) ms"
        case .nodeKilled(let node, let time): "node \(node) killed, started after \(time) ms"
        case .connectionsCut(let node, let time): "node \(node) cut off for \(time) ms"
        case .requestsHeld(let node, let time): "requests of node \(node) held for \(time) ms"
        case .answersHeld(let node, let time): "answers to node \(node) held for \(time) ms"
        case .everythingHeld(let node, let time): "node \(node) half-open for \(time) ms"
        case .slow(let node, let by, let time): "node \(node) slower by \(by) ms for \(time) ms"
        case .slowAnswers(let node, let by, let time): "answers to node \(node) later by \(by) ms for \(time) ms"
        case .notificationsLost(let node, let time): "notifications to node \(node) lost for \(time) ms"
        case .databaseRestarted(let time): "database crashed, started after \(time) ms"
        case .databasePaused(let time): "database paused for \(time) ms"
        case .standbyPaused(let time): "standby paused for \(time) ms"
        }
    }

    /// Lengths below, about and above a lease of a second.
    static func random(using random: inout some RandomNumberGenerator) -> Mishap {
        let node = Int.random(in: 0..<3, using: &random)
        let time = [150, 500, 900, 1100, 1600].randomElement(using: &random) ?? 500
        switch Int.random(in: 0..<14, using: &random) {
        case 0, 1: return .nodePaused(node, milliseconds: time)
        case 2: return .nodeKilled(node, milliseconds: time / 3)
        case 3: return .connectionsCut(node, milliseconds: time)
        case 4: return .requestsHeld(node, milliseconds: time)
        case 5, 6: return .answersHeld(node, milliseconds: time)
        case 7: return .everythingHeld(node, milliseconds: time)
        case 8: return .slow(node, by: Int.random(in: 5...120, using: &random), milliseconds: time)
        case 9: return .slowAnswers(node, by: Int.random(in: 5...150, using: &random), milliseconds: time)
        case 10: return .notificationsLost(node, milliseconds: time)
        case 11: return .databaseRestarted(milliseconds: time / 3)
        case 12: return .databasePaused(milliseconds: time)
        default: return .standbyPaused(milliseconds: time)
        }
    }

    /// Whether it needs the database for itself: one that is paused cannot be restarted.
    var concernsDatabase: Bool {
        switch self {
        case .databaseRestarted, .databasePaused: true
        default: false
        }
    }

    /// Lets it happen and ends it.
    func happen(to trio: Trio) async throws {
        func wait(_ milliseconds: Int) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }
        switch self {
        case .nodePaused(let node, let time):
            trio.nodes[node].pause()
            try await wait(time)
            trio.nodes[node].goOn()
        case .nodeKilled(let node, let time):
            trio.nodes[node].kill()
            try await wait(time)
            try await trio.startAgain(trio.nodes[node])
        case .connectionsCut(let node, let time): try await disturb(trio, node, time) { $0.cut() }
        case .requestsHeld(let node, let time):
            try await disturb(trio, node, time) { $0.disturb(requests: .held) }
        case .answersHeld(let node, let time): try await disturb(trio, node, time) { $0.disturb(answers: .held) }
        case .everythingHeld(let node, let time):
            try await disturb(trio, node, time) { $0.disturb(requests: .held, answers: .held) }
        case .slow(let node, let by, let time):
            try await disturb(trio, node, time) {
                $0.disturb(requests: .slow(milliseconds: by), answers: .slow(milliseconds: by))
            }
        case .slowAnswers(let node, let by, let time):
            try await disturb(trio, node, time) { $0.disturb(answers: .slow(milliseconds: by)) }
        case .notificationsLost(let node, let time):
            try await disturb(trio, node, time) { $0.loseNotifications() }
        case .databaseRestarted(let time):
            try trio.database.primary.crash()
            try await wait(time)
            try trio.database.primary.restart()
        case .databasePaused(let time):
            trio.database.primary.pause()
            try await wait(time)
            trio.database.primary.resume()
        case .standbyPaused(let time):
            trio.database.standby.pause()
            try await wait(time)
            trio.database.standby.resume()
        }
    }

    private func disturb(
        _ trio: Trio, _ node: Int, _ milliseconds: Int, _ fault: (FaultyProxy) -> Void
    ) async throws {
        fault(trio.proxies[node])
        try await Task.sleep(for: .milliseconds(milliseconds))
        trio.proxies[node].heal()
    }
}
