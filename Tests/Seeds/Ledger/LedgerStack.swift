import Crypto
import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization

/// nginx, Keybearer and Ledger, started the way `make ledger` starts them, on ports and in a folder of their own.
final class LedgerStack: Sendable {
    static let password = "a long enough pass phrase"

    let folder: URL
    let port: Int
    private let process: Process

    /// What everybody reaches: nginx.
    var gateway: HTTPAddress { HTTPAddress(port: port) }
    /// What only Ledger's backend reaches.
    private var control: HTTPAddress { HTTPAddress(port: port + 2) }

    static let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Examples/Ledger")
    static let programs = Program.url.deletingLastPathComponent()

    /// - Parameter changing: of the settings that `make ledger` uses, where a sentence speaks of others.
    static func start(_ options: String..., changing: (String) -> String = { $0 }) async throws -> LedgerStack {
        let stack = try LedgerStack(options, changing)
        for _ in 0..<1200 {
            if stack.output.contains("\nready\n") || stack.output.hasPrefix("ready\n") { return stack }
            if !stack.process.isRunning { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw HarnessError("Ledger did not start:\n\(stack.output)\(stack.log("keybearer"))\(stack.log("ledger"))")
    }

    private init(_ options: [String], _ changing: (String) -> String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try Self.fourPorts()
        let settings = try String(
            contentsOf: Self.example.appendingPathComponent("keybearer.yaml"), encoding: .utf8)
        let template = folder.appendingPathComponent("settings.yaml")
        try changing(settings).write(to: template, atomically: true, encoding: .utf8)
        let output = folder.appendingPathComponent("output")
        try Data().write(to: output)
        process = Process()
        // Threads of tests block signals, and what they start inherits that: the script must hear SIGTERM.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments =
            [
                "-c",
                "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])",
                Self.example.appendingPathComponent("start").path, "--folder", folder.path + "/run", "--port",
                String(port), "--settings", template.path,
            ] + options
        process.environment = Program.environment.merging(["LEDGER_PROGRAMS": Self.programs.path]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: output)
        try process.runAlone()
        Running.note(process.processIdentifier)
    }

    deinit {
        process.end()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func fourPorts() throws -> Int {
        for _ in 0..<50 {
            let ports = try (0..<4).map { _ in try FreePort.find() }
            if ports[3] == ports[0] + 3 { return ports[0] }
        }
        throw HarnessError("no four ports in a row")
    }

    var output: String {
        (try? String(contentsOf: folder.appendingPathComponent("output"), encoding: .utf8)) ?? ""
    }

    func log(_ name: String) -> String {
        (try? String(contentsOf: folder.appendingPathComponent("run/\(name).out"), encoding: .utf8)) ?? ""
    }

    // MARK: What Ledger's operator does

    func ledger(_ command: String, _ arguments: String..., input: String = "") throws {
        let run = folder.path + "/run"
        let outcome = try Shell.run(
            Self.programs.appendingPathComponent("ledger").path,
            [command] + arguments + [
                "--data", run + "/ledger.sqlite", "--control", "http://127.0.0.1:\(port + 2)",
                "--operator-token-file", run + "/operator-token",
            ], input: input)
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
    }

    func workspace(_ slug: String, plan: String = "enterprise") throws {
        try ledger("workspace", slug, "--name", "The \(slug) workspace", "--plan", plan)
    }

    func member(_ email: String, of slug: String, role: String) throws {
        try ledger(
            "member", slug, email, "--name", "Invented \(role)", "--role", role, "--password-stdin",
            input: Self.password + "\n")
    }

    // MARK: What an owner does through the API

    func acting(as email: String, in slug: String) throws -> [(String, String)] {
        let token = try String(contentsOf: folder.appendingPathComponent("run/operator-token"), encoding: .utf8)
        return [
            ("Authorization", "Bearer \(token.trimmingCharacters(in: .whitespacesAndNewlines))"),
            ("Keybearer-Organization", slug), ("Keybearer-On-Behalf-Of", email),
        ]
    }

    func call(_ method: String, _ path: String, as email: String, in slug: String, _ body: JSON? = nil) async throws
        -> Reply
    {
        try await control.send(method, path, acting(as: email, in: slug), body)
    }

    /// A new key's text and identifier.
    func key(
        _ name: String, as email: String, in slug: String,
        permissions: [String] = ["invoice:*", "customer:*", "workspace:read"]
    ) async throws -> (text: String, id: String) {
        let reply = try await call(
            "POST", "/v1/api-keys", as: email, in: slug,
            ["name": .string(name), "permissions": JSON(permissions)])
        try reply.mustSucceed()
        return (reply.json.at("key").text ?? "", reply.json.at("api_key", "id").text ?? "")
    }

    // MARK: What a key's holder does

    func api(_ method: String, _ path: String, _ key: String, _ body: JSON? = nil) async throws -> Reply {
        try await gateway.send(method, path, [("Authorization", "Bearer \(key)")], body)
    }

    /// Makes a customer and an invoice whose texts hold `mark`.
    func book(_ mark: String, _ key: String) async throws -> (customer: String, invoice: String) {
        let customer = try await api("POST", "/api/customers", key, ["name": .string("Customer \(mark)")])
        try customer.mustSucceed()
        let id = customer.json.at("id")
        let invoice = try await api(
            "POST", "/api/invoices", key,
            [
                "customer": id, "currency": "EUR", "due_on": "2030-01-31",
                "lines": [["description": .string("Line \(mark)"), "quantity": 2, "unit_cents": 1250]],
            ])
        try invoice.mustSucceed()
        return (id.text ?? "", invoice.json.at("id").text ?? "")
    }
}

/// Ends with the test process what a test left running.
private enum Running {
    private static let identifiers = Mutex<[pid_t]>([])
    private static let atExit: Void = { atexit { Running.endAll() } }()

    static func note(_ identifier: pid_t) {
        _ = atExit
        identifiers.withLock { $0.append(identifier) }
    }

    private static func endAll() {
        for identifier in identifiers.withLock({ $0 }) { Foundation.kill(identifier, SIGTERM) }
    }
}
