import Foundation

/// Ways for a secret to reach a command that leave no trace in the list of processes.
enum SecretInput {
    /// A value that was given by flag or argument, or one line of standard input for `-`.
    ///
    /// - Throws: `CommandFailure` for nothing at all.
    static func read(_ value: String, named name: String) throws -> String {
        guard value == "-" else { return value }
        let line =
            Terminal.isInteractive ? Terminal.hiddenLine("API key: ") : Terminal.line()
        guard let line = line?.trimmed, !line.isEmpty else {
            throw CommandFailure("\(name) - reads one line of standard input, and there is none", status: .usage)
        }
        return line
    }

    /// The first line of a file.
    static func read(file path: String) throws -> String {
        guard path != "-" else { return try read("-", named: "--api-key-file") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure("\(path) cannot be read", status: .usage)
        }
        let data: Data?
        do { data = try handle.read(upToCount: 8192) } catch {
            throw CommandFailure("\(path) cannot be read", status: .usage)
        }
        let line = String(decoding: data ?? Data(), as: UTF8.self).split(separator: "\n").first
        guard let line = line.map({ String($0).trimmed }), !line.isEmpty else {
            throw CommandFailure("\(path) holds no key", status: .usage)
        }
        return line
    }

    static func warnOfFlag(_ name: String) {
        let brand = Brand.current
        Terminal.note(
            "\(brand.name): warning: other processes can see what \(name) is given: prefer \(brand.environmentPrefix)API_KEY or -"
        )
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
