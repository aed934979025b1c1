import KeybearerVerification
import Synchronization

/// Holds programs that wait for a device login to their interval: asking too early lengthens it by 5 seconds
/// (RFC 8628, section 3.5). Only codes that exist are noted, so the table of logins bounds this one.
final class DevicePolls: Sendable {
    static let intervalSeconds: Int64 = 5
    /// A program counts its pause from one answer to the next request, and the way is not always equally long.
    private static let toleranceMicroseconds: Int64 = 500_000

    private struct Pace {
        var lastPoll: Timestamp
        var intervalSeconds: Int64
        let expiresAt: Timestamp
    }

    private let paces = Mutex<[KeyDigest: Pace]>([:])

    /// Whether this poll comes at its time; one that does not makes the program wait longer.
    func isInTime(_ login: DeviceLogin, now: Timestamp) -> Bool {
        paces.withLock { paces in
            guard var pace = paces[login.deviceCodeDigest] else {
                if paces.count >= 1024 { paces = paces.filter { $0.value.expiresAt > now } }
                paces[login.deviceCodeDigest] = Pace(
                    lastPoll: now, intervalSeconds: Self.intervalSeconds, expiresAt: login.expiresAt)
                return true
            }
            let due = pace.lastPoll.adding(seconds: pace.intervalSeconds).microseconds - Self.toleranceMicroseconds
            let isInTime = now.microseconds >= due
            pace.lastPoll = now
            if !isInTime { pace.intervalSeconds += Self.intervalSeconds }
            paces[login.deviceCodeDigest] = pace
            return isInTime
        }
    }

    func forget(_ deviceCode: KeyDigest) { paces.withLock { $0[deviceCode] = nil } }
}
