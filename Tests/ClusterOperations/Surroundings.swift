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
