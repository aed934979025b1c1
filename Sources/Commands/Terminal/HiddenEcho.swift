import Foundation
import Synchronization

/// Keeps a terminal from showing what is typed, until `restore`, or until a signal ends the program.
struct HiddenEcho {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    /// Read by the signal handler, which may take no lock. Written before the handlers are set and not afterwards while
    /// they are; one prompt is open at a time, since there is one terminal.
    nonisolated(unsafe) private static var original = termios()

    private let previous: [(signal: Int32, action: sigaction)]
    private let stopped: sigaction

    init() {
        tcgetattr(STDIN_FILENO, &Self.original)
        var handler = sigaction()
        #if canImport(Darwin)
            handler.__sigaction_u.__sa_handler = Self.end
        #else
            handler.__sigaction_handler.sa_handler = Self.end
        #endif
        previous = Self.signals.map { signal in
            var before = sigaction()
            sigaction(signal, &handler, &before)
            return (signal, before)
        }
        // A stopped program would leave the shell without echo.
        var ignoring = sigaction()
        #if canImport(Darwin)
            ignoring.__sigaction_u.__sa_handler = SIG_IGN
        #else
            ignoring.__sigaction_handler.sa_handler = SIG_IGN
        #endif
        var before = sigaction()
        sigaction(SIGTSTP, &ignoring, &before)
        stopped = before
        var hidden = Self.original
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    }

    func restore() {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &Self.original)
        for (signal, action) in previous {
            var action = action
            sigaction(signal, &action, nil)
        }
        var action = stopped
        sigaction(SIGTSTP, &action, nil)
    }

    /// `tcsetattr`, `write`, `signal` and `raise` are among the few calls that a handler may make.
    private static let end: @convention(c) (Int32) -> Void = { number in
        tcsetattr(STDIN_FILENO, TCSANOW, &HiddenEcho.original)
        _ = write(2, "\n", 1)
        signal(number, SIG_DFL)
        raise(number)
    }
}
