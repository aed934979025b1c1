import Foundation
import Synchronization

/// LISTEN on a connection and a thread of its own. A notification is a hint that there is something to read, nothing
/// more: all of them may be lost, and after every reconnection there is one hint in place of those that were.
final class PostgreSQLListener: Sendable {
    /// The write end of a pipe that the thread also waits on.
    private let wake: Int32
    private let isStopped = Atomic(false)

    /// - Parameters:
    ///   - hint: called on the listener's thread, with the payload of a notification, or nil after a connection was
    ///     made. Must not block.
    ///   - report: told why a connection was lost, or could not be made.
    init(
        _ address: PostgreSQLAddress, hint: @escaping @Sendable (String?) -> Void,
        report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PostgreSQLError.unreachable("no pipe could be made") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = ends[1]
        let readEnd = ends[0]
        let thread = Thread { [weak self] in
            // The kernel takes 15 bytes of a name, or none of it.
            Thread.current.name = "notifications"
            defer { close(readEnd) }
            var pause = Self.shortestPause
            while let listener = self, !listener.isStopped.load(ordering: .acquiring) {
                do {
                    try Self.listen(address, wake: readEnd, hint: hint) { pause = Self.shortestPause }
                    return
                } catch {
                    report(error)
                    Self.wait(on: readEnd, for: pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        }
        thread.start()
    }

    deinit { stop() }

    /// Ends the connection; no hint follows but one that is being given.
    func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        close(wake)
    }

    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)
    /// After so long without a word the server is asked whether it is still there: a half-open connection looks idle.
    private static let silence = Duration.seconds(2)
    private static let patience = Duration.seconds(1)

    /// Returns when the pipe's other end was closed.
    private static func listen(
        _ address: PostgreSQLAddress, wake: Int32, hint: (String?) -> Void, connected: () -> Void
    ) throws {
        let link = try PostgreSQLLink(address, deadline: .now.advanced(by: patience))
        defer { link.close() }
        _ = try link.exchange([PostgreSQLStatement("LISTEN keybearer")], deadline: .now.advanced(by: patience))
        connected()
        hint(nil)
        while true {
            let payloads = try link.notifications(orReadable: wake, within: silence)
            if isReadable(wake) { return }
            for payload in payloads { hint(payload) }
            if payloads.isEmpty {
                _ = try link.exchange([PostgreSQLStatement("SELECT 1")], deadline: .now.advanced(by: patience))
            }
        }
    }

    private static func isReadable(_ descriptor: Int32) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&question, 1, 0) > 0
    }

    private static func wait(on descriptor: Int32, for pause: Duration) {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&question, 1, Int32(clamping: pause.wholeMilliseconds))
    }
}
