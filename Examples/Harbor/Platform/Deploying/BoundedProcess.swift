import Foundation

/// A program that is given its arguments one by one, never a shell, an environment of our own, and so much time and
/// space as is allowed.
struct BoundedProcess: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let program: String
    let arguments: [String]
    let environment: [String: String]
    let folder: URL
    let timeout: Duration
    /// Bytes below `folder` at any moment.
    let mostBytes: Int

    /// - Parameters:
    ///   - input: a file for standard input; nil for none.
    ///   - output: a file for standard output.
    /// - Throws: `Failed` where it ends otherwise than with 0, takes too long or too much; `CancellationError`.
    func run(input: URL? = nil, output: URL) async throws {
        let errors = folder.appendingPathComponent("errors")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        do {
            try await watch(process)
        } catch {
            end(process)
            throw error
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Failed(description: firstWords(of: errors))
        }
    }

    private func watch(_ process: Process) async throws {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: timeout)
        var rounds = 0
        while process.isRunning {
            try await clock.sleep(for: .milliseconds(rounds < 20 ? 5 : 25))
            rounds += 1
            guard clock.now < end else { throw Failed(description: "took longer than \(timeout)") }
            guard rounds % 8 != 0 || Folder.size(folder) <= mostBytes else {
                throw Failed(description: "the repository is larger than \(mostBytes >> 20) MiB")
            }
        }
    }

    /// With everything that it started: Foundation gives each child a process group of its own.
    private func end(_ process: Process) {
        let identifier = process.processIdentifier
        kill(-identifier, SIGKILL)
        kill(identifier, SIGKILL)
        process.waitUntilExit()
    }

    private func firstWords(of file: URL) -> String {
        let text = String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
        let line = text.split(separator: "\n").last { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? "git failed"
        return String(line.prefix(200))
    }
}

enum Folder {
    /// Bytes of all files below; what vanishes meanwhile counts nothing.
    static func size(_ folder: URL) -> Int {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        var total = 0
        while let file = files?.nextObject() as? URL {
            do {
                total += try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            } catch {
                continue
            }
        }
        return total
    }

    static func remove(_ folder: URL) throws {
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        try FileManager.default.removeItem(at: folder)
    }
}
