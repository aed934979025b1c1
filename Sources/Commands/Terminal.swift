import Foundation

/// Standard input, output and error of a command.
public enum Terminal {
    /// Results: what a script wants to read.
    public static func print(_ text: String) { write(text + "\n", to: .standardOutput) }

    /// Everything else.
    public static func note(_ text: String) { write(text + "\n", to: .standardError) }

    /// One line of standard input without its end; nil at the end of input.
    public static func line() -> String? { readLine(strippingNewline: true) }

    /// Asks for a text that is not shown while it is typed; restores the terminal whatever happens.
    ///
    /// - Returns: nil where nobody sits at a terminal: what a script feeds to others is left alone.
    public static func hiddenLine(_ prompt: String) -> String? {
        guard isatty(0) == 1 else { return nil }
        write(prompt, to: .standardError)
        var settings = termios()
        tcgetattr(0, &settings)
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(0, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(0, TCSAFLUSH, &settings)
            write("\n", to: .standardError)
        }
        return line()
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // A reader that closed its end early wants no more; that is not a failure of the command.
        do { try handle.write(contentsOf: Data(text.utf8)) } catch { return }
    }
}

/// A line of progress on standard error, only where somebody watches.
public final class ProgressLine: @unchecked Sendable {
    private let label: String
    /// Only the lock's holder touches it.
    private var last = -1
    private let lock = NSLock()
    private let isShown: Bool

    public init(_ label: String) {
        self.label = label
        isShown = isatty(2) == 1
    }

    public func update(done: Int64, of total: Int64) {
        guard isShown, total > 0 else { return }
        lock.withLock {
            let percent = Int(done * 100 / total)
            guard percent != last else { return }
            last = percent
            let filled = String(repeating: "█", count: percent / 4)
            let rest = String(repeating: "░", count: 25 - percent / 4)
            FileHandle.standardError.write(Data("\r\(label) \(filled)\(rest) \(percent) %".utf8))
            if percent == 100 { FileHandle.standardError.write(Data("\n".utf8)) }
        }
    }
}
