import Foundation
import KeybearerAPI
import KeybearerTestHarness

/// The real `harbor-server` on ports and in a folder of its own, with repositories that a test makes.
final class RunningHarbor: @unchecked Sendable {
    let folder: URL
    let port: Int
    let sitesPort: Int
    private let more: [String]
    private(set) var operatorToken = ""
    /// Only touched by `start`, `stop` and `kill`, which a test calls one after the other.
    private var process: Process?

    var api: HTTPAddress { HTTPAddress(port: port) }
    var sites: HTTPAddress { HTTPAddress(port: sitesPort) }
    var repositories: URL { folder.appendingPathComponent("repositories") }
    var data: URL { folder.appendingPathComponent("data") }
    private var log: URL { folder.appendingPathComponent("log") }

    static func start(_ more: String...) async throws -> RunningHarbor { try await start(more) }

    static func start(_ more: [String]) async throws -> RunningHarbor {
        let harbor = try RunningHarbor(more)
        try await harbor.start()
        let token = try Program.run([
            "operator", "token", "create", "--name", "backend", "--data", harbor.data.path,
        ])
        guard token.status == 0 else { throw HarnessError(token.errors) }
        harbor.operatorToken = token.output.trimmingCharacters(in: .whitespacesAndNewlines)
        return harbor
    }

    private init(_ more: [String]) throws {
        self.more = more
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("harbor-\(UUID().uuidString)")
        port = try FreePort.find()
        sitesPort = try FreePort.find()
        try FileManager.default.createDirectory(at: repositories, withIntermediateDirectories: true)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    func start() async throws {
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let process = Process()
        process.executableURL = Program.url.deletingLastPathComponent().appendingPathComponent("harbor-server")
        process.arguments =
            [
                "--data", data.path, "--listen", "127.0.0.1:\(port)", "--sites", "127.0.0.1:\(sitesPort)",
                "--repositories", repositories.path,
            ] + more
        process.environment = Program.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.runAlone()
        self.process = process
        for _ in 0..<1500 {
            if !process.isRunning { throw HarnessError("harbor-server ended at its start:\n\(logText)") }
            if let reply = try? await api.get("/readyz"), reply.status == 200 { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("harbor-server was not ready in time:\n\(logText)")
    }

    var logText: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    @discardableResult
    func stop() -> Int32 {
        guard let process else { return 0 }
        process.end()
        self.process = nil
        return process.terminationStatus
    }

    /// SIGKILL.
    func kill() {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    // MARK: People and keys

    func organization(_ slug: String, plan: String = "enterprise") async throws {
        try await api.send(
            "PUT", "/v1/operator/organizations/\(slug)", bearer(operatorToken),
            ["name": .string("The \(slug) company"), "plan": .string(plan)]
        ).mustSucceed()
    }

    /// The member's `usr_…`.
    @discardableResult
    func member(_ email: String, of slug: String, role: String) async throws -> String {
        let reply = try await api.send(
            "PUT", "/v1/operator/organizations/\(slug)/members/\(email)", bearer(operatorToken),
            ["role": .string(role), "name": "Test Person"])
        try reply.mustSucceed()
        return reply.json.at("user", "id").text ?? ""
    }

    /// A role without permissions, for members who hold nothing but their own grants.
    func guestRole(in slug: String, by owner: String) async throws {
        try await api.send("PUT", "/v1/roles/guest", acting(as: owner, in: slug), ["permissions": []]).mustSucceed()
    }

    func grant(_ permissions: [String], to member: String, in slug: String, by owner: String) async throws {
        try await api.send(
            "PUT", "/v1/members/\(member)", acting(as: owner, in: slug),
            ["role": "guest", "grants": JSON(permissions)]
        ).mustSucceed()
    }

    func acting(as email: String, in slug: String) -> [(String, String)] {
        bearer(operatorToken) + [("Keybearer-Organization", slug), ("Keybearer-On-Behalf-Of", email)]
    }

    func setPassword(_ email: String, _ password: String = "a long enough pass phrase") throws {
        let outcome = try Program.run(
            ["user", "set-password", email, "--password-stdin", "--data", data.path], input: password + "\n")
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
    }

    func session(_ email: String) async throws -> String {
        try setPassword(email)
        let reply = try await api.send(
            "POST", "/v1/sessions", [], ["email": .string(email), "password": "a long enough pass phrase"])
        try reply.mustSucceed()
        return reply.json.at("token").text ?? ""
    }

    /// The whole answer to the creation of a key.
    func made(
        _ name: String, as email: String, in slug: String, _ permissions: [String], _ more: JSONObject = [:]
    ) async throws -> JSON {
        var body: JSONObject = ["name": .string(name), "permissions": JSON(permissions)]
        for member in more.members { body[member.key] = member.value }
        let reply = try await api.send("POST", "/v1/api-keys", acting(as: email, in: slug), .object(body))
        try reply.mustSucceed()
        return reply.json
    }

    /// An organization with an owner, and a key that may do the given.
    func key(_ permissions: [String], in slug: String = "tern") async throws -> String {
        try await organization(slug)
        try await member("ana@\(slug).example", of: slug, role: "owner")
        return try await made("key \(UUID().uuidString)", as: "ana@\(slug).example", in: slug, permissions).at("key")
            .text ?? ""
    }

    func bearer(_ token: String) -> [(String, String)] { [("Authorization", "Bearer \(token)")] }

    func call(_ method: String, _ path: String, _ key: String, _ body: JSON? = nil) async throws -> Reply {
        try await api.send(method, path, bearer(key), body)
    }

    // MARK: The command line

    /// Runs `harbor` with a key in its environment; nil for none.
    func cli(_ arguments: [String], key: String? = nil, home: URL? = nil, input: String? = nil) throws
        -> Program.Outcome
    {
        let home = home ?? folder
        let scratch = folder.appendingPathComponent("cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        func file(_ name: String, _ text: String = "") throws -> URL {
            let url = scratch.appendingPathComponent(name)
            try text.write(to: url, atomically: false, encoding: .utf8)
            return url
        }
        let (output, errors) = (try file("out"), try file("err"))
        let process = Process()
        process.executableURL = Program.url.deletingLastPathComponent().appendingPathComponent("harbor")
        process.arguments = arguments
        var environment = Program.environment.filter { !$0.key.hasPrefix("HARBOR_") }
        environment["HARBOR_URL"] = "http://127.0.0.1:\(port)"
        environment["HARBOR_CONFIG_DIR"] = home.appendingPathComponent("configuration").path
        if let key { environment["HARBOR_API_KEY"] = key }
        process.environment = environment
        process.standardInput = try FileHandle(forReadingFrom: try file("in", input ?? ""))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runAlone()
        process.waitUntilExit()
        return Program.Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}
