import KeybearerVerification
import Synchronization

/// Counts failed sign-ins: 10 per account and address and 100 per address (/64 for IPv6) in 15 minutes. An
/// account is never locked: its owner signs in from another address.
final class AttemptThrottle: Sendable {
    static let perAccountAndAddress = 10
    static let perAddress = 100
    static let windowSeconds: Int64 = 900
    /// Above this many entries the oldest windows are dropped first.
    static let capacity = 100_000

    private struct Window {
        let start: Timestamp
        var failures: Int
    }

    private let windows = Mutex<[String: Window]>([:])

    /// Reserves an attempt, so that attempts made at once cannot pass the limit together.
    ///
    /// - Throws: `Failure` `too_many_attempts` with the seconds to wait.
    func begin(account: String, address: IPAddress?, now: Timestamp) throws {
        let names = Self.names(account, address)
        try windows.withLock { windows in
            for (name, limit) in names {
                guard let window = windows[name], !Self.isOver(window, now) else { continue }
                guard window.failures < limit else {
                    let wait = window.start.seconds + Self.windowSeconds - now.seconds
                    throw Failure(
                        .tooManyAttempts, "Too many failed attempts; try again later.",
                        retryAfterSeconds: Int(max(1, wait)))
                }
            }
            if windows.count >= Self.capacity { Self.makeRoom(&windows, now: now) }
            for (name, _) in names {
                if var window = windows[name], !Self.isOver(window, now) {
                    window.failures += 1
                    windows[name] = window
                } else {
                    windows[name] = Window(start: now, failures: 1)
                }
            }
        }
    }

    /// Takes back the reservation: the attempt was right, or was not decided.
    func forgive(account: String, address: IPAddress?) {
        windows.withLock { windows in
            for (name, _) in Self.names(account, address) {
                guard var window = windows[name] else { continue }
                window.failures -= 1
                windows[name] = window.failures > 0 ? window : nil
            }
        }
    }

    private static func names(_ account: String, _ address: IPAddress?) -> [(String, Int)] {
        let network = (address?.customerNetwork).map(\.description) ?? "local"
        return [("\(network) \(account)", perAccountAndAddress), (network, perAddress)]
    }

    private static func isOver(_ window: Window, _ now: Timestamp) -> Bool {
        now.seconds >= window.start.seconds + windowSeconds
    }

    private static func makeRoom(_ windows: inout [String: Window], now: Timestamp) {
        windows = windows.filter { !isOver($0.value, now) }
        guard windows.count >= capacity else { return }
        let cut = windows.values.map(\.start).sorted()[capacity / 10]
        windows = windows.filter { $0.value.start > cut }
    }
}

/// Bounds the calls of people and operators by organization, in whole seconds.
final class ChangeLimiter: Sendable {
    private let perSecond: Int
    private let current = Mutex<(second: Int64, calls: [OrganizationID: Int])>((0, [:]))

    init(perSecond: Int) { self.perSecond = perSecond }

    func admits(_ organization: OrganizationID, now: Timestamp) -> Bool {
        current.withLock { current in
            if current.second != now.seconds { current = (now.seconds, [:]) }
            let calls = current.calls[organization, default: 0]
            guard calls < perSecond else { return false }
            current.calls[organization] = calls + 1
            return true
        }
    }
}
