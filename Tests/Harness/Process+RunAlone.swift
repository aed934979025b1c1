import Foundation
import Synchronization

extension Process {
    private static let launches = Mutex(())

    /// `run`, for one process at a time. Foundation takes a process to be running for as long as anybody holds the socket
    /// that it was born with, and one that is born in the same moment may inherit that: who waits for the first would
    /// wait for the second too, which they may mean to end afterwards.
    public func runAlone() throws { try Self.launches.withLock { _ in try run() } }

    /// SIGTERM and, after a minute, SIGKILL; returns once it has ended.
    public func end() {
        terminate()
        let limit = ContinuousClock.now + .seconds(60)
        while isRunning, .now < limit { Thread.sleep(forTimeInterval: 0.005) }
        if isRunning { kill(processIdentifier, SIGKILL) }
        waitUntilExit()
    }
}
