import Foundation
import KeybearerTestHarness
import Testing

/// The first screen of the README: what the demonstration prints is pasted into a shell and does what it says.
@Suite struct `Demonstrating` {
    @Test func `the printed lines verify the demo key, revoke it, and the first line then answers revoked`()
        async throws
    {
        let demo = try Demo()
        try await demo.start()
        let lines = try demo.lines()
        let first = try Shell.run(lines.verify)
        #expect(first.contains("\"valid\":true"), "\(first)")
        let revoke = try Shell.run(lines.revoke)
        #expect(revoke.contains("\"revocation\""), "\(revoke)")
        let again = try Shell.run(lines.verify)
        #expect(again.contains("\"valid\":false") && again.contains("\"code\":\"revoked\""), "\(again)")
        #expect(demo.stop() == 0)
    }

    @Test func `a second demonstration on the same data ends the former key, and its own lines work`() async throws {
        let demo = try Demo()
        // More starts than the smallest plan has keys: a former demo key must not hold a place.
        var former: [String] = []
        for _ in 1...3 {
            try await demo.start()
            let lines = try demo.lines()
            let answer = try Shell.run(lines.verify)
            #expect(answer.contains("\"valid\":true"), "\(answer)")
            for line in former {
                let answer = try Shell.run(line)
                #expect(answer.contains("\"code\":\"revoked\""), "\(answer)")
            }
            former.append(lines.verify)
            #expect(demo.stop() == 0)
        }
    }

    @Test func `a demonstration does not move into a database that somebody works with`() throws {
        let demo = try Demo()
        let made = try Program.run(
            ["user", "create", "olga@tern.example", "--name", "Olga", "--password-stdin"] + demo.options,
            input: "a long enough pass phrase\n")
        #expect(made.status == 0, "\(made.errors)")
        let outcome = try Program.run(["serve", "--demo"] + demo.options)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("--demo") && outcome.errors.contains("--data"), "\(outcome.errors)")
        let users = try Program.run(["user", "list", "--output", "json"] + demo.options)
        #expect(!users.output.contains("tidewater"), "\(users.output)")
    }
}

/// `keybearer serve --demo` on ports and in a folder of its own.
private final class Demo {
    struct Lines {
        let verify: String
        let revoke: String
    }

    let options: [String]
    private let folder: URL
    private var process: Process?

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keybearer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let control = try FreePort.find()
        let file = folder.appendingPathComponent("keybearer.yaml").path
        try """
        control: {listen: "127.0.0.1:\(control)", public_url: "http://localhost:\(control)"}
        verification: {listen: "127.0.0.1:\(try FreePort.find())"}
        """.write(toFile: file, atomically: true, encoding: .utf8)
        options = ["--config", file, "--data", folder.appendingPathComponent("data").path]
    }

    deinit {
        if let process, process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    private var outputPath: String { folder.appendingPathComponent("output").path }

    private var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    func start() async throws {
        guard FileManager.default.createFile(atPath: outputPath, contents: nil) else { throw HarnessError("no file") }
        let process = Process()
        process.executableURL = Program.url
        process.arguments = ["serve", "--demo"] + options
        process.environment = Program.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        self.process = process
        for _ in 0..<1000 where !output.contains("3. ") {
            guard process.isRunning else {
                throw HarnessError("the demonstration ended: status \(process.terminationStatus)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func stop() -> Int32? {
        process?.end()
        return process?.terminationStatus
    }

    func lines() throws -> Lines {
        let commands = output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.hasPrefix("curl ") }
        guard commands.count == 2 else { throw HarnessError("the demonstration printed:\n\(output)") }
        return Lines(verify: commands[0], revoke: commands[1])
    }
}

private enum Shell {
    /// What a command typed into a shell prints.
    static func run(_ line: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
