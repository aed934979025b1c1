/// So many requests in each window of so many seconds. Windows are fixed and aligned to the Unix epoch, so that
/// what remains and when it resets are exact; across one boundary a burst may be twice the amount.
public struct RateLimitPolicy: Hashable, Sendable {
    public let requests: Int
    public let windowSeconds: Int
    /// Whether other nodes count against the same windows. Each begins with nothing then, and a node may admit what it
    /// was granted of it.
    public let isShared: Bool

    /// Nil unless both are 1…10⁹.
    public init?(requests: Int, windowSeconds: Int) {
        let allowed = 1...1_000_000_000
        guard allowed.contains(requests), allowed.contains(windowSeconds) else { return nil }
        self.init(knownRequests: requests, windowSeconds: windowSeconds)
    }

    private init(knownRequests: Int, windowSeconds: Int, isShared: Bool = false) {
        requests = knownRequests
        self.windowSeconds = windowSeconds
        self.isShared = isShared
    }

    /// The same limit, counted over all nodes.
    public var shared: RateLimitPolicy {
        RateLimitPolicy(knownRequests: requests, windowSeconds: windowSeconds, isShared: true)
    }

    /// One request a minute: for keys whose plan is no longer configured.
    public static let smallest = RateLimitPolicy(knownRequests: 1, windowSeconds: 60)

    /// The first second after the window that the time lies in.
    func windowEnd(at now: Timestamp) -> Int64 {
        let seconds = now.seconds
        let length = Int64(windowSeconds)
        return ((seconds >= 0 ? seconds : seconds - length + 1) / length + 1) * length
    }
}

/// What is left of a policy's window, as the rate-limit headers tell it.
public struct RateLimitState: Hashable, Sendable {
    /// Whose calls the policy counts.
    public enum Holder: Sendable, Hashable { case key, organization }

    public let limit: Int
    public let remaining: Int
    public let resetAt: Timestamp
    // Lengths of windows, of which none is longer than a billion seconds; small, since decisions are copied.
    private let window: Int32
    private let reset: Int32
    public let holder: Holder
    public var windowSeconds: Int { Int(window) }
    /// Until the window ends, rounded up; at least 1.
    public var resetSeconds: Int { Int(reset) }

    public init(
        holder: Holder, limit: Int, windowSeconds: Int, remaining: Int, resetSeconds: Int, resetAt: Timestamp
    ) {
        self.holder = holder
        self.limit = limit
        self.remaining = remaining
        window = Int32(clamping: windowSeconds)
        reset = Int32(clamping: resetSeconds)
        self.resetAt = resetAt
    }

    /// `default` for the key's own policy, `organization` for the one all keys of an organization share.
    public var policyName: String {
        switch holder {
        case .key: "default"
        case .organization: "organization"
        }
    }
}
