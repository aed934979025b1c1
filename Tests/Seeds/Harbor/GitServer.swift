import Foundation
import KeybearerTestHarness

/// A git server over TLS, with a certificate authority of its own; see `git_server.py` for what it serves.
final class GitServer: @unchecked Sendable {
    let port: Int
    /// Holds the repositories.
    let folder: URL
    /// A file with the certificate that signs for the server.
    let authority: String
    private let process: Process
    private let input: Pipe
    private let log: URL

    /// `localhost:PORT`.
    var place: String { "localhost:\(port)" }

    /// What was asked of the server, line by line.
    var requests: [String] {
        ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("git-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = folder.appendingPathComponent("certificate.pem")
        let key = folder.appendingPathComponent("key.pem")
        authority = certificate.path
        log = folder.appendingPathComponent("log")
        let made = try Self.start(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", key.path, "-out", certificate.path,
            ], output: FileHandle.nullDevice)
        made.waitUntilExit()
        guard made.terminationStatus == 0 else { throw HarnessError("openssl made no certificate") }
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("git_server.py")
        let output = Pipe()
        input = Pipe()
        process = try Self.start(
            "/usr/bin/env", ["python3", program.path, folder.path, certificate.path, key.path, log.path],
            input: input, output: output)
        var line: [UInt8] = []
        while line.last != 0x0a, let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw HarnessError("the git server did not start")
        }
        self.port = port
    }

    deinit {
        // A child of a test inherits a mask in which SIGTERM may be blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func start(_ program: String, _ arguments: [String], input: Pipe? = nil, output: Any) throws
        -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        return process
    }
}
