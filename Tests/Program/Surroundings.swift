import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Folders that cannot be written and disks that are full: one clear line, and the data stays.
///
/// They need mounts of their own: where the machine does not let a test have these, that is said, and fails where `CI`
/// is set.
@Suite(.enabled(if: Mounted.isPossible || Mounted.isRequired, "this machine gives no mount namespace (unshare -m)"))
struct `Surroundings` {
    @Test func `a data folder that cannot be written is named`() throws {
        let server = try RunningServer()
        let data = server.folder.appendingPathComponent("data").path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        // A mount, since the file's mode would not stop root.
        let outcome = try Mounted.run(
            "mount --bind '\(data)' '\(data)' && mount -o remount,bind,ro '\(data)'",
            ["serve", "--config", server.configurationPath])
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot write \(data)"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func `a full disk ends a start in one line`() throws {
        let server = try RunningServer()
        let data = server.folder.appendingPathComponent("data").path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let outcome = try Mounted.run(
            "mount -t tmpfs -o size=48k none '\(data)'", ["serve", "--config", server.configurationPath])
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("full"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    /// Accounts are made until nothing fits any more; what was answered before is there, and the file is sound.
    @Test func `a disk that fills up while it is written leaves the data intact`() throws {
        let server = try RunningServer()
        let data = server.folder.appendingPathComponent("data").path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let script = """
            mount -t tmpfs -o size=1m none '\(data)'
            made=0
            program='\(Program.url.path)'; config='\(server.configurationPath)'
            "$program" operator token create --config "$config" >/dev/null || exit 90
            head -c $(( $(df --output=avail -B1 '\(data)' | tail -1) - 106496 )) /dev/zero > '\(data)/ballast'
            for n in $(seq 1 400); do
                if "$program" operator token create --name "n$n" --config "$config" >/dev/null 2>'\(data)/../said'; then
                    made=$((made + 1))
                else
                    break
                fi
            done
            cat '\(data)/../said'
            rm '\(data)/ballast'
            echo "made=$made"
            echo "listed=$("$program" operator token list --output json --config "$config" | grep -c '"name" : "n')"
            sqlite3 '\(data)/keybearer.sqlite' 'PRAGMA integrity_check'
            "$program" audit verify --config "$config" && echo chains=intact
            """
        let outcome = try Mounted.shell(script)
        let numbers = try #require(
            outcome.output.firstMatch(of: /made=(\d+)\nlisted=(\d+)\nok\nchains=intact/), "\(outcome)")
        #expect(numbers.output.1 == numbers.output.2)
        #expect(numbers.output.1 != "400" && numbers.output.1 != "0", "the disk did not fill up as it should")
        #expect(outcome.output.contains("full"), "\(outcome)")
    }
}

/// Commands in a mount namespace of their own, so that no test touches the machine's mounts.
private enum Mounted {
    static let isPossible: Bool = {
        do {
            return try shell("mount -t tmpfs none /mnt").status == 0
        } catch {
            return false
        }
    }()

    static let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"

    static func run(_ preparation: String, _ arguments: [String]) throws -> Program.Outcome {
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        return try shell("\(preparation) && exec '\(Program.url.path)' \(words)")
    }

    static func shell(_ script: String) throws -> Program.Outcome {
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("kb-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: errors) }
        guard FileManager.default.createFile(atPath: errors.path, contents: nil) else { throw HarnessError("no file") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = [getuid() == 0 ? "-m" : "-Urm", "/bin/bash", "-c", script]
        process.environment = Program.environment
        process.standardInput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        let output = Pipe()
        process.standardOutput = output
        try process.runAlone()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Program.Outcome(
            status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }
}
