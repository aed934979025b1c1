import Foundation
import KeybearerTestHarness
import Testing

/// The servers that these tests run the program on.
enum Server {
    static let versions: [PostgreSQLServer.Version] = PostgreSQLServer.Version.allCases.filter { version in
        do {
            _ = try PostgreSQLServer.running(version)
            return true
        } catch {
            FileHandle.standardError.write(
                Data("\n*** NOT TESTED on PostgreSQL \(version.rawValue): \(error)\n\n".utf8))
            return false
        }
    }
}

@Suite struct `The machine of these tests` {
    @Test func `has every PostgreSQL, where CI says so`() {
        guard ProcessInfo.processInfo.environment["CI"] == "true" else { return }
        #expect(Server.versions.count == PostgreSQLServer.Version.allCases.count)
    }
}

extension RunningServer {
    /// Puts other settings behind those of the harness, for the next start or command.
    func reconfigure(from old: String, to new: String) throws {
        let text = try String(contentsOfFile: configurationPath, encoding: .utf8)
        guard text.contains(old) else { throw HarnessError("the configuration has no \(old)") }
        try text.replacingOccurrences(of: old, with: new).write(
            toFile: configurationPath, atomically: true, encoding: .utf8)
    }
}

extension RunningServer {
    /// Starts the program where it has to refuse, and returns what it says. Nobody asks it anything, since a client
    /// tries an address for a minute that nobody listens on.
    func refusal() async throws -> String {
        let process = Process()
        let said = folder.appendingPathComponent("refusal.log")
        guard FileManager.default.createFile(atPath: said.path, contents: nil) else { throw HarnessError("no file") }
        process.executableURL = Program.url
        process.arguments = ["serve", "--config", configurationPath]
        process.environment = Program.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: said)
        try process.runAlone()
        for _ in 0..<1_500 where process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        guard !process.isRunning else {
            Foundation.kill(process.processIdentifier, SIGKILL)
            throw HarnessError("it did not refuse")
        }
        guard process.terminationStatus != 0 else { throw HarnessError("it ended without a failure") }
        return try String(contentsOf: said, encoding: .utf8)
    }
}
