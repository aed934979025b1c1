import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization
import Testing

/// R4: what all nodes admit for a key in a window never exceeds its limit, and is not much less.
@Suite(.serialized) struct `Shared limits` {
    private static let plans = """
        plans:
          tight: {active_keys: unlimited, features: [tenant_api_keys], rate_limit: {requests: 400, window_seconds: 4}}
          team:
            active_keys: unlimited
            features: [tenant_api_keys]
            rate_limit: {requests: 5000, window_seconds: 4}
            organization_rate_limit: {requests: 400, window_seconds: 4}
        """

    /// Admissions by window, told apart by the end that each answer names, in seconds since 1970.
    private final class Tally: Sendable {
        private let admitted = Mutex<[Int: Int]>([:])

        func note(_ answer: String) {
            guard answer.contains(#""code":"valid""#),
                let left = answer.firstMatch(of: /"reset_seconds":(\d+)/).flatMap({ Int($0.1) })
            else { return }
            // Whole seconds, and the answer was on its way: the next end below is the one that was meant.
            let end = (Int(Date().timeIntervalSince1970) + left + 1) / 4 * 4
            admitted.withLock { $0[end, default: 0] += 1 }
        }

        var windows: [Int: Int] { admitted.withLock { $0 } }
    }

    @Test(arguments: ["tight", "team"])
    func `R4 three nodes, offered ten times the limit unevenly, admit the limit and no more`(
        _ plan: String
    ) async throws {
        let trio = try await Trio(settings: Self.plans)
        try await trio.team.organization("tern", plan: plan)
        let (key, _) = try await trio.key()
        let question = Subject(key: key).question
        let tally = Tally()
        let end = ContinuousClock.now + .seconds(17)
        // 8 : 2 : 1, about 1,100 questions a second; the limit is 100 a second.
        await withTaskGroup(of: Void.self) { group in
            for (node, threads) in [8, 2, 1].enumerated() {
                let port = trio.nodes[node].verificationPort
                for _ in 0..<threads {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            Thread.detachNewThread {
                                let connection = KeptConnection(port: port, patience: 2000)
                                while ContinuousClock.now < end {
                                    if let answer = connection.ask(question) {
                                        tally.note(String(decoding: answer, as: UTF8.self))
                                    }
                                    usleep(9_000)
                                }
                                continuation.resume()
                            }
                        }
                    }
                }
            }
        }
        let windows = tally.windows.sorted { $0.key < $1.key }
        try #require(windows.count >= 4, "\(windows)")
        for (window, admitted) in windows { #expect(admitted <= 400, "\(window): \(admitted)") }
        // The first and the last were only partly offered.
        for (window, admitted) in windows.dropFirst().dropLast() {
            #expect(admitted >= 380, "\(window): \(admitted) of 400")
        }
        trio.stop()
    }

    @Test func `R4 without the database a node admits what it holds and no more`() async throws {
        let trio = try await Trio(
            leaseSeconds: 5, settings: Self.plans.replacing("window_seconds: 4", with: "window_seconds: 3600"))
        try await trio.team.organization("tern", plan: "tight")
        let (key, _) = try await trio.key()
        let connection = KeptConnection(port: trio.nodes[0].verificationPort, patience: 3000)
        let question = Subject(key: key).question
        func ask() throws -> String { String(decoding: try #require(connection.ask(question)), as: UTF8.self) }
        #expect(try ask().contains(#""code":"valid""#))
        trio.proxies[0].cut()
        var admitted = 0
        var answer = ""
        for _ in 0..<400 {
            answer = try ask()
            guard answer.contains(#""code":"valid""#) else { break }
            admitted += 1
        }
        #expect(answer.contains(#""code":"rate_limited""#), "\(answer)")
        // An eighth of 400, less the one before.
        #expect((1...49).contains(admitted), "\(admitted)")
        trio.stop()
    }
}
