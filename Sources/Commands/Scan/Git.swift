import Foundation

/// One run of git.
final class Git {
    let output: Int32
    private let process = Process()
    private let errors: URL
    private let arguments: [String]
    private let outputHandle: FileHandle

    /// - Parameters:
    ///   - input: what git reads, written to a file beforehand so that neither waits for the other.
    ///   - reading: or the end of a pipe that somebody else fills.
    init(_ arguments: [String], in folder: String, input: String? = nil, reading: FileHandle? = nil) throws {
        self.arguments = arguments
        let pipe = Pipe()
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("scan-\(UUID().uuidString)")
        errors = scratch.appendingPathExtension("err")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        process.standardOutput = pipe
        outputHandle = pipe.fileHandleForReading
        output = outputHandle.fileDescriptor
        do {
            try Data().write(to: errors)
            process.standardError = try FileHandle(forWritingTo: errors)
            if let input {
                let file = scratch.appendingPathExtension("in")
                try Data(input.utf8).write(to: file)
                process.standardInput = try FileHandle(forReadingFrom: file)
                try FileManager.default.removeItem(at: file)
            } else {
                process.standardInput = reading ?? FileHandle.nullDevice
            }
            try process.run()
        } catch {
            throw CommandFailure("git cannot be run: is it installed?")
        }
        // Ours alone is read from now on; with a copy of the writing end open the end would never come.
        try pipe.fileHandleForWriting.close()
    }

    /// - Throws: `CommandFailure` with git's own words where it failed.
    func finish() throws {
        process.waitUntilExit()
        let words = FileManager.default.contents(atPath: errors.path) ?? Data()
        // Left behind, it would be an empty file in a folder that is cleared anyway.
        unlink(errors.path)
        guard process.terminationStatus == 0 else {
            let line = String(decoding: words, as: UTF8.self).split(separator: "\n").first ?? "unknown"
            throw CommandFailure("git \(arguments.first ?? ""): \(String(line).printable)")
        }
    }

    /// The top of the working tree that a folder is in; the repository itself where it is bare, as on servers.
    static func top(of folder: String) throws -> String {
        func line(_ question: String) throws -> String {
            let answer = try output(["rev-parse", "--path-format=absolute", question], in: folder)
            return String(decoding: answer.last == 0x0a ? answer.dropLast() : answer, as: UTF8.self)
        }
        return try line(try line("--is-bare-repository") == "true" ? "--absolute-git-dir" : "--show-toplevel")
    }

    /// Everything that a command prints.
    static func output(_ arguments: [String], in folder: String) throws -> [UInt8] {
        let git = try Git(arguments, in: folder)
        let data = try git.outputHandle.readToEnd() ?? Data()
        try git.finish()
        return Array(data)
    }
}

/// Texts that end in one and the same byte, read from a descriptor one after the other.
final class TokenStream {
    private let descriptor: Int32
    private let separator: UInt8
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var position = 0
    private var filled = 0

    init(_ descriptor: Int32, separator: UInt8) {
        self.descriptor = descriptor
        self.separator = separator
    }

    /// The next one without its end; nil when there is no more.
    func next() -> ArraySlice<UInt8>? {
        var begun: [UInt8] = []
        while true {
            if position == filled {
                guard fill() else { return begun.isEmpty ? nil : begun[...] }
            }
            let rest = buffer[position..<filled]
            guard let end = rest.firstIndex(of: separator) else {
                begun += rest
                position = filled
                continue
            }
            position = end + 1
            return begun.isEmpty ? rest[..<end] : (begun + rest[..<end])[...]
        }
    }

    private func fill() -> Bool {
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            (position, filled) = (0, max(0, count))
            return count > 0
        }
    }
}
