import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// A start that cannot succeed ends in one clear line and leaves everything as it was.
@Suite struct `Starting` {
    private static func expectRefusal(
        _ outcome: Program.Outcome, naming words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status != 0, sourceLocation: sourceLocation)
        let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
        }
    }

    private static func serve(_ server: RunningServer, environment: [String: String] = [:]) throws -> Program.Outcome {
        try Program.run(["serve", "--config", server.configurationPath], environment: environment)
    }

    @Test(arguments: [
        ("surprise: 1", "surprise"), ("keys: {prefx: sk}", "keys.prefx"), ("keys: {prefix: kbs}", "keys.prefix"),
        ("keys: {managed_by: everybody}", "keys.managed_by"),
        ("network: {trusted_proxies: [nonsense]}", "trusted_proxies"),
        ("plans: {free: {active_keys: -1, features: [], rate_limit: {requests: 1, window_seconds: 1}}}", "plans"),
        ("plans: {free: {active_keys: 1, features: [], rate_limit: {requests: 0, window_seconds: 1}}}", "plans"),
        ("roles: {r: [\"no:such\"]}", "roles"), ("organizations: {default_plan: none}", "organizations.default_plan"),
        ("permissions: {api_key: [read]}", "permissions"), ("audit: {secret: short}", "audit.secret"),
        ("keys: {pepper: {id: p1, env: NOT_SET_ANYWHERE}}", "keys.pepper"), ("- a\n- b", "keybearer.yaml"),
        ("limits: {connections_per_address: many}", "limits.connections_per_address"),
    ])
    func `bad settings stop the start with their name and line`(settings: String, name: String) throws {
        let server = try RunningServer(settings)
        Self.expectRefusal(try Self.serve(server), naming: name, "keybearer.yaml")
        #expect(!FileManager.default.fileExists(atPath: server.databasePath))
    }

    @Test func `an address that others can reach needs the secret`() throws {
        let server = try RunningServer()
        let text = try String(contentsOfFile: server.configurationPath, encoding: .utf8)
            .replacing("verification: {listen: \"127.0.0.1", with: "verification: {listen: \"0.0.0.0")
        try text.write(toFile: server.configurationPath, atomically: true, encoding: .utf8)
        Self.expectRefusal(try Self.serve(server), naming: "verification.listen", "verification.secret")
    }

    @Test func `A19 predictable hashing stops the start`() throws {
        let server = try RunningServer()
        let outcome = try Self.serve(server, environment: ["SWIFT_DETERMINISTIC_HASHING": "1"])
        Self.expectRefusal(outcome, naming: "SWIFT_DETERMINISTIC_HASHING")
    }

    @Test func `an unknown variable warns and does no harm`() throws {
        let server = try RunningServer()
        let outcome = try Program.run(
            ["serve", "--print-config", "--config", server.configurationPath],
            environment: ["KEYBEARER_SURPRISE": "1", "KEYBEARER_KEYS_PREFIX": "acme"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("keys.prefix: acme  # KEYBEARER_KEYS_PREFIX"), "\(outcome.output)")
    }

    @Test func `secrets are not printed with the configuration`() throws {
        let server = try RunningServer("audit: {secret: \"a-secret-that-nobody-may-ever-see-printed\"}")
        let outcome = try Program.run(["serve", "--print-config", "--config", server.configurationPath])
        #expect(outcome.status == 0)
        #expect(!outcome.output.contains("nobody-may-ever"))
    }

    @Test func `a second server on the same file is refused while the first goes on`() async throws {
        let first = try await RunningServer.start()
        let second = try RunningServer()
        let outcome = try Program.run(
            ["serve", "--config", second.configurationPath, "--data", first.folder.appendingPathComponent("data").path])
        Self.expectRefusal(outcome, naming: "another keybearer")
        #expect(try await first.verification.get("/readyz").status == 200)
    }

    @Test func `a busy port is named`() async throws {
        let first = try await RunningServer.start()
        let second = try RunningServer()
        let text = try String(contentsOfFile: second.configurationPath, encoding: .utf8)
            .replacing(":\(second.controlPort)\"", with: ":\(first.controlPort)\"")
        try text.write(toFile: second.configurationPath, atomically: true, encoding: .utf8)
        Self.expectRefusal(try Self.serve(second), naming: "\(first.controlPort)")
    }

    @Test func `a newer schema stops the start and is left alone`() async throws {
        let server = try await RunningServer.start()
        server.stop()
        try Self.sqlite("PRAGMA user_version = 999", server.databasePath)
        Self.expectRefusal(try Self.serve(server), naming: "999", "newer")
        #expect(try Self.sqlite("PRAGMA user_version", server.databasePath) == "999")
    }

    @Test func `a file that is no database is left alone`() throws {
        let server = try RunningServer()
        let data = server.folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try "these are notes, not a database, and they are long enough to look at".write(
            toFile: server.databasePath, atomically: true, encoding: .utf8)
        Self.expectRefusal(try Self.serve(server), naming: "not a Keybearer database")
        #expect(try String(contentsOfFile: server.databasePath, encoding: .utf8).hasPrefix("these are notes"))
    }

    #if os(Linux)
        @Test func `threads of administration give way to those that verify`() async throws {
            let server = try await RunningServer.start()
            let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            let process = try #require(server.processID)
            // Threads come and go; those that are new are lowered every five seconds.
            var last: [(name: String, nice: Int32)] = []
            for _ in 0..<100 {
                last = try Self.threads(of: process)
                let (verifying, others) = (
                    last.filter { $0.name.hasPrefix("verification-") },
                    last.filter { !$0.name.hasPrefix("verification-") }
                )
                if !verifying.isEmpty, verifying.allSatisfy({ $0.nice == own }), !others.isEmpty,
                    others.allSatisfy({ $0.nice == min(19, own + 5) })
                {
                    return
                }
                try await Task.sleep(for: .milliseconds(200))
            }
            Issue.record("\(last)")
        }

        private static func threads(of process: Int32) throws -> [(name: String, nice: Int32)] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").compactMap { task in
                let path = "/proc/\(process)/task/\(task)/stat"
                guard let text = try? String(contentsOfFile: path, encoding: .utf8),
                    let begin = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"),
                    // The 19th field of proc_pid_stat(5); the name is the second.
                    let nice = text[end...].split(separator: " ").dropFirst(17).first.flatMap({ Int32($0) })
                else { return nil }
                return (String(text[text.index(after: begin)..<end]), nice)
            }
        }
    #endif

    @Test func `SIGTERM ends the server with counters written and status 0`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let key = try await team.key("counted", as: "olga@tern.example", in: "tern").at("key").text ?? ""
        for _ in 1...7 { _ = try await team.verify(key, permission: "project:read") }
        #expect(server.stop() == 0)
        #expect(try Self.sqlite("SELECT sum(count) FROM usage_hourly", server.databasePath) == "7")
    }

    @discardableResult
    private static func sqlite(_ statement: String, _ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [path, statement]
        let output = Pipe()
        process.standardOutput = output
        try process.runAlone()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
