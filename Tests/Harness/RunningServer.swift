import Foundation
import KeybearerAPI
import Synchronization

/// The real program on ports of its own and in a folder of its own, for tests that come from outside.
public final class RunningServer: @unchecked Sendable {
    public let folder: URL
    public let controlPort: Int
    public let verificationPort: Int
    /// Added to the program's environment.
    public let environment: [String: String]
    /// Only touched by `start`, `stop` and `kill`, which a test calls one after the other.
    private var process: Process?

    public var control: HTTPAddress { HTTPAddress(port: controlPort) }
    public var verification: HTTPAddress { HTTPAddress(port: verificationPort) }
    public var databasePath: String { folder.appendingPathComponent("data/keybearer.sqlite").path }
    public var logPath: String { folder.appendingPathComponent("server.log").path }
    public var configurationPath: String { folder.appendingPathComponent("keybearer.yaml").path }

    /// Writes the configuration and starts the program; returns once it is ready.
    ///
    /// - Parameter settings: YAML below the top level, such as `keys: {managed_by: permission}`; `control.listen`
    ///   and `verification.listen` are the harness's.
    public static func start(_ settings: String = "", control: String = "", verification: String = "") async throws
        -> RunningServer
    {
        let server = try RunningServer(settings, control: control, verification: verification)
        try await server.start()
        return server
    }

    /// - Parameters:
    ///   - database: `database.url`.
    ///   - cluster: the settings below `cluster`.
    public init(
        _ settings: String = "", control: String = "", verification: String = "",
        database: String = "sqlite:./data/keybearer.sqlite", cluster: String = "node_name: node-a",
        environment: [String: String] = [:]
    ) throws {
        self.environment = environment
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("keybearer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        controlPort = try FreePort.find()
        verificationPort = try FreePort.find()
        let text = """
            control: {listen: "127.0.0.1:\(controlPort)", public_url: "http://localhost:\(controlPort)"\(control)}
            verification: {listen: "127.0.0.1:\(verificationPort)"\(verification)}
            cluster: {\(cluster)}
            database: {url: "\(database)"}
            \(settings)

            """
        try text.write(toFile: configurationPath, atomically: true, encoding: .utf8)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    public func start() async throws {
        guard FileManager.default.createFile(atPath: logPath, contents: nil) else { throw HarnessError("no log file") }
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logPath))
        try log.seekToEnd()
        let process = Process()
        process.executableURL = Program.url
        process.arguments = ["serve", "--config", configurationPath]
        // Where a debug build looks for what the tests of the tests ask of it.
        process.environment = Program.environment.merging(["BREAK_KEYBEARER_FOLDER": folder.path]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        try process.runAlone()
        self.process = process
        Started.note(process.processIdentifier)
        for _ in 0..<600 {
            if !process.isRunning { throw HarnessError("the server ended at its start:\n\(logText)") }
            if let reply = try? await verification.get("/readyz"), reply.status == 200,
                let other = try? await control.get("/readyz"), other.status == 200
            {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("the server was not ready in time:\n\(logText)")
    }

    /// SIGTERM, then waits for the end; the exit status.
    @discardableResult
    public func stop() -> Int32 {
        guard let process else { return 0 }
        process.end()
        self.process = nil
        return process.terminationStatus
    }

    /// SIGKILL.
    public func kill() {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    /// nil where none was started, or where it was ended here. Not 0, by which a signal means the tests themselves.
    public var processID: Int32? { process?.processIdentifier }

    /// Stops the process where it stands, where there is one.
    public func pause() { send(SIGSTOP) }

    /// Ends a pause.
    public func goOn() { send(SIGCONT) }

    public func send(_ signal: Int32) {
        if let process, process.isRunning { Foundation.kill(process.processIdentifier, signal) }
    }

    public var logText: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Runs a command of the program with this server's configuration.
    @discardableResult
    public func command(_ arguments: String..., input: String? = nil) throws -> Program.Outcome {
        try Program.run(arguments + ["--config", configurationPath], input: input)
    }

    /// A new operator token.
    public func operatorToken(_ arguments: String...) throws -> String {
        let outcome = try Program.run(
            ["operator", "token", "create", "--config", configurationPath] + arguments)
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

public struct HarnessError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Ends with the test process what a test left running.
private enum Started {
    private static let identifiers = Mutex<[pid_t]>([])
    private static let atExit: Void = {
        atexit { Started.killAll() }
    }()

    static func note(_ identifier: pid_t) {
        _ = atExit
        identifiers.withLock { $0.append(identifier) }
    }

    private static func killAll() {
        for identifier in identifiers.withLock({ $0 }) { Foundation.kill(identifier, SIGKILL) }
    }
}

/// The built program beside the tests.
public enum Program {
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String

        public init(status: Int32, output: String, errors: String) {
            self.status = status
            self.output = output
            self.errors = errors
        }
    }

    /// `KEYBEARER_PROGRAM`, or the one in the folder of the test bundle.
    public static let url: URL = {
        if let path = ProcessInfo.processInfo.environment["KEYBEARER_PROGRAM"] { return URL(fileURLWithPath: path) }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("keybearer")
    }()

    /// The environment without anything that would configure the program, or that `stdbuf` has the tests written with.
    public static let environment = ProcessInfo.processInfo.environment.filter {
        !$0.key.hasPrefix("KEYBEARER_") && $0.key != "LD_PRELOAD"
    }

    public static func run(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], in folder: URL? = nil
    ) throws -> Outcome {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("kb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        func file(_ name: String, _ contents: String = "") throws -> URL {
            let url = scratch.appendingPathComponent(name)
            try contents.write(to: url, atomically: false, encoding: .utf8)
            return url
        }
        let output = try file("out")
        let errors = try file("err")
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = Self.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder ?? scratch
        process.standardInput = try FileHandle(forReadingFrom: try file("in", input ?? ""))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.runAlone()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}

/// Loopback ports below those that the system lends to clients, none given out twice by one test process.
public enum FreePort {
    private static let next = Mutex(Int.random(in: 10_000..<28_000))

    public static func find() throws -> Int {
        for _ in 0..<200 {
            let port = next.withLock { next in
                next = next >= 31_999 ? 10_000 : next + 1
                return next
            }
            if try isFree(port) { return port }
        }
        throw HarnessError("no free port")
    }

    private static func isFree(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessError("no socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
