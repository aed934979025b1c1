import Foundation
import KeybearerAPI
import KeybearerTestHarness

/// A session at a terminal as a text: lines that begin with `$ ` are run by bash, one after the other in one folder,
/// what follows is what they print. Standard error's lines begin with `! `; a last line `? N` is a status other than 0.
/// What differs from run to run is written as a word: `key_#`, `TIME`, `HOST`.
struct Transcript {
    struct Step {
        var command: String
        var expected: [String]
    }

    let url: URL
    var heading: [String] = []
    var steps: [Step] = []

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Transcripts")

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".txt") }.sorted()
        }
    }

    init(_ name: String) throws {
        url = Self.folder.appendingPathComponent(name)
        for line in try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), expected: []))
            } else if steps.isEmpty {
                heading.append(String(line))
            } else {
                steps[steps.count - 1].expected.append(String(line))
            }
        }
        for index in steps.indices { while steps[index].expected.last == "" { steps[index].expected.removeLast() } }
    }

    var text: String {
        var parts = heading.isEmpty ? [] : [heading.joined(separator: "\n").trimmingCharacters(in: .newlines)]
        parts += steps.map { (["$ " + $0.command] + $0.expected).joined(separator: "\n") }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// What a command prints, in the transcript's form.
    static func lines(_ outcome: Program.Outcome) -> [String] {
        var lines: [String] = []
        func append(_ text: String, _ mark: String) {
            guard !text.isEmpty else { return }
            let body = text.hasSuffix("\n") ? String(text.dropLast()) : text
            lines += body.split(separator: "\n", omittingEmptySubsequences: false).map { mark + masked(String($0)) }
        }
        append(outcome.output, "")
        append(outcome.errors, "! ")
        if outcome.status != 0 { lines.append("? \(outcome.status)") }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func masked(_ line: String) -> String {
        line
            .replacing(#/sk_[0-9a-f]{64}/#, with: "sk_SECRET")
            .replacing(#/sk_[0-9a-f]{6}…[0-9a-f]{4}/#, with: "sk_######…####")
            .replacing(#/(key|usr|org|evt|ses|inv)_[0-9a-hjkmnp-tv-z]{26}/#) { "\($0.output.1)_#" }
            .replacing(#/req_[0-9a-f]+/#, with: "req_#")
            .replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#, with: "TIME")
            .replacing(#/\b[0-9a-f]{64}\b/#, with: "HEX")
            .replacing(#/\d+ of (\d+) left/#) { "# of \($0.output.1) left" }
            .replacing(#/left for \d+ s/#, with: "left for # s")
            .replacing(#/127\.0\.0\.1:\d+/#, with: "HOST")
            .replacing(#/localhost:\d+/#, with: "HOST")
    }
}

/// The people, keys and servers that every transcript finds.
final class Stage: Sendable {
    let server: RunningServer
    let folder: URL
    let environment: [String: String]
    private let unwell: [ScriptedServer]

    static let password = "a long enough pass phrase"

    init() async throws {
        server = try await RunningServer.start("keys: {managed_by: permission}")
        let team = try Team(server)
        try await team.organization("tern")
        try await team.organization("gull", plan: "free")
        for (email, slug, role) in [
            ("ana@tern.example", "tern", "owner"), ("ben@tern.example", "tern", "member"),
            ("ana@tern.example", "gull", "owner"),
        ] { try await team.member(email, of: slug, role: role, name: role == "owner" ? "Ana" : "Ben") }
        _ = try await team.session("ana@tern.example", password: Self.password)
        _ = try await team.session("ben@tern.example", password: Self.password)
        let key = try await team.key(
            "CI", as: "ana@tern.example", in: "tern", permissions: ["project:deploy", "api_key:*", "organization:read"])
        let other = try await team.key(
            "Logs", as: "ana@tern.example", in: "tern", permissions: ["project:read"])
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("stage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        unwell = [
            try ScriptedServer([ScriptedServer.problem(429, "rate_limited", ["Retry-After: 3600"])]),
            try ScriptedServer([ScriptedServer.problem(503, "unavailable", ["Retry-After: 3600"])]),
            try ScriptedServer([
                ScriptedServer.answer(
                    "200 OK", ["Content-Type: text/html"], "<html><h1>Welcome to the proxy</h1></html>")
            ]),
        ]
        let program = Program.url.deletingLastPathComponent().path
        func url(_ port: Int) -> String { "http://127.0.0.1:\(port)" }
        environment = [
            "PATH": "\(program):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")",
            "HOME": folder.path, "LC_ALL": "C.UTF-8", "KEYBEARER_URL": url(server.controlPort),
            "CI_KEY": key.at("key").text ?? "", "CI_ID": key.at("api_key", "id").text ?? "",
            "LOGS_KEY": other.at("key").text ?? "", "LOGS_ID": other.at("api_key", "id").text ?? "",
            "PASSWORD": Self.password, "LIMITED_URL": url(unwell[0].port), "DOWN_URL": url(unwell[1].port),
            "PROXY_URL": url(unwell[2].port), "NOBODY_URL": url(try FreePort.find()),
        ]
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs a line of shell in the stage's folder, with nobody at a terminal.
    func run(_ command: String, _ more: [String: String] = [:]) throws -> Program.Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.environment = environment.merging(more) { $1 }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)")
        let (output, errors) = (scratch.appendingPathExtension("out"), scratch.appendingPathExtension("err"))
        for file in [output, errors] { try Data().write(to: file) }
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runAlone()
        process.waitUntilExit()
        return Program.Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}
