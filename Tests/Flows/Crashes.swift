import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization
import Testing

/// The program is killed without warning while it writes; what it had answered has to be true afterwards.
@Suite(.serialized) struct `Crashes` {
    /// 50 by default; `KEYBEARER_CRASH_ROUNDS` sets another number.
    private static let rounds =
        ProcessInfo.processInfo.environment["KEYBEARER_CRASH_ROUNDS"].flatMap { Int($0) } ?? 50

    /// What clients were told, across all rounds.
    private struct Told: Sendable {
        var created: [String: String] = [:]
        var revoked: Set<String> = []
        /// Asked for, but the answer never came: either state is right.
        var unknown: Set<String> = []
    }

    @Test func `A36 kill -9 under concurrent creates and revokes loses nothing that was answered`() async throws {
        let seed = UInt64(Date().timeIntervalSince1970)
        print("crash test: \(Self.rounds) rounds, seed \(seed)")
        var random = Seeded(state: seed)
        let server = try RunningServer()
        try await server.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let headers = team.acting(as: "olga@tern.example", in: "tern")
        let told = Mutex(Told())
        var answered = 0
        for round in 1...Self.rounds {
            let lifetime = Int.random(in: 20...250, using: &random)
            let before = told.withLock { $0.created.count + $0.revoked.count }
            await Self.work(server, headers, told, milliseconds: lifetime)
            answered += told.withLock { $0.created.count + $0.revoked.count } - before
            try await server.start()
            // Everything is checked at the end; on the way, what the last rounds touched.
            try await Self.check(told.withLock { $0 }, team, sample: 40, round)
        }
        #expect(answered > Self.rounds, "the test did not get to do anything")
        try await Self.check(told.withLock { $0 }, team, sample: .max, Self.rounds)
        server.stop()
        let audit = try server.command("audit", "verify")
        #expect(audit.status == 0, "\(audit.errors)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [server.databasePath, "PRAGMA integrity_check"]
        let output = Pipe()
        process.standardOutput = output
        try process.runAlone()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text == "ok\n")
    }

    /// Four clients create and revoke until the server is killed under them.
    private static func work(
        _ server: RunningServer, _ headers: [(String, String)], _ told: borrowing Mutex<Told>, milliseconds: Int
    ) async {
        let box = Box(told.withLock { $0 })
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while await step(server, headers, box) {}
                }
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(milliseconds))
                server.kill()
            }
        }
        let result = box.told.withLock { $0 }
        told.withLock { $0 = result }
    }

    private final class Box: Sendable {
        let told: Mutex<Told>

        init(_ told: Told) { self.told = Mutex(told) }
    }

    /// - Returns: whether the server still answers.
    private static func step(_ server: RunningServer, _ headers: [(String, String)], _ box: Box) async -> Bool {
        guard
            let made = try? await server.control.send(
                "POST", "/v1/api-keys", headers, ["name": "crash", "permissions": ["project:read"]]),
            made.status == 201, let key = made.json.at("key").text, let id = made.json.at("api_key", "id").text
        else { return false }
        box.told.withLock { $0.created[id] = key }
        guard Bool.random() else { return true }
        box.told.withLock { _ = $0.unknown.insert(id) }
        guard let reply = try? await server.control.send("POST", "/v1/api-keys/\(id)/revoke", headers),
            reply.status == 200
        else { return false }
        box.told.withLock { told in
            told.unknown.remove(id)
            told.revoked.insert(id)
        }
        return true
    }

    private static func check(_ told: Told, _ team: Team, sample: Int, _ round: Int) async throws {
        for (id, key) in told.created.sorted(by: { $0.key > $1.key }).prefix(sample) where !told.unknown.contains(id) {
            let code = try await team.verify(key).at("code").text
            let expected = told.revoked.contains(id) ? "revoked" : "valid"
            #expect(code == expected, "round \(round): \(id) is \(code ?? "?"), its answer promised \(expected)")
        }
    }
}

/// Seeded, so that a failure can be repeated.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
