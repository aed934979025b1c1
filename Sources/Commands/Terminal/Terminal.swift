import Foundation
import Synchronization

/// Standard input, output and error of a command.
public enum Terminal {
    private static let quiet = Atomic(false)

    /// Whether notes are left out (`--quiet`); errors never are.
    public static var isQuiet: Bool {
        get { quiet.load(ordering: .relaxed) }
        set { quiet.store(newValue, ordering: .relaxed) }
    }

    /// Results: what a script wants to read.
    public static func print(_ text: String) { _ = write(text + "\n", to: .standardOutput) }

    /// A secret, alone on its line; it is shown this once.
    ///
    /// - Throws: `CommandFailure` where nobody could receive it.
    public static func print(secret: String) throws {
        guard write(secret + "\n", to: .standardOutput) else {
            throw CommandFailure("the secret could not be written to standard output and is lost")
        }
    }

    /// What is good to know and no result.
    public static func note(_ text: String) {
        guard !isQuiet else { return }
        error(text)
    }

    /// Why a command failed, and what it must not keep to itself.
    public static func error(_ text: String) { _ = write(text + "\n", to: .standardError) }

    /// One line of standard input without its end; nil at the end of input.
    public static func line() -> String? { readLine(strippingNewline: true) }

    /// Whether somebody watches standard error and can answer on standard input.
    public static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Whether results may be coloured: at a terminal, and not against `NO_COLOR` (no-color.org).
    public static let isColoured: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }()

    /// Asks for a text that is not shown while it is typed; restores the terminal whatever happens, Ctrl-C included.
    ///
    /// - Returns: nil where nobody sits at a terminal: what a script feeds to others is left alone.
    public static func hiddenLine(_ prompt: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        _ = write(prompt, to: .standardError)
        let echo = HiddenEcho()
        defer {
            echo.restore()
            _ = write("\n", to: .standardError)
        }
        return line()
    }

    /// - Returns: false where it could not be written. A reader that closed its end early wants no more.
    static func write(_ text: String, to handle: FileHandle) -> Bool {
        do {
            try handle.write(contentsOf: Data(text.utf8))
            return true
        } catch {
            return false
        }
    }
}
