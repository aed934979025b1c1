import KeybearerVerification
import Synchronization

/// How many connections each address holds at this moment.
final class ConnectionCount: Sendable {
    private struct Counts {
        var total = 0
        var byAddress: [IPAddress: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let perAddress: Int
    private let total: Int
    private let exempt: TrustedProxies

    init(limits: EdgeLimits, exempt: TrustedProxies) {
        perAddress = limits.connectionsPerAddress
        total = limits.connections
        self.exempt = exempt
    }

    /// Whether one more is let in; every one that is must be given back with `release`.
    ///
    /// - Parameter address: nil for a Unix socket, which only the overall number bounds.
    func admit(_ address: IPAddress?) -> Bool {
        let isBounded = address.map { !exempt.contains($0) } ?? false
        return counts.withLock { counts in
            guard counts.total < total else { return false }
            if let address, isBounded {
                let held = counts.byAddress[address, default: 0]
                guard held < perAddress else { return false }
                counts.byAddress[address] = held + 1
            }
            counts.total += 1
            return true
        }
    }

    func release(_ address: IPAddress?) {
        counts.withLock { counts in
            counts.total -= 1
            guard let address, let held = counts.byAddress[address] else { return }
            counts.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }
}
