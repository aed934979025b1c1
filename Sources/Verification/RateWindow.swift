/// What is used of one window of a rate limit: eight bytes, since every key in memory has one. Of a window that nodes
/// share, what this node was not granted counts as used.
struct RateWindow: Equatable {
    // The window's end in seconds above, what is used of it in the 30 bits below: a policy has at most 10⁹ requests.
    private var bits: Int64 = 0

    /// Of no window: it has ended before any time that is asked for.
    static let none = RateWindow(end: -(1 << 33), used: 0)

    /// - Parameter end: the first second after the window; between the years 1698 and 2242.
    init(end: Int64, used: Int) {
        bits = min(max(end, -(1 << 33)), 1 << 33 - 1) << 30 | Int64(used)
    }

    var end: Int64 { bits >> 30 }
    var used: Int { Int(bits & (1 << 30 - 1)) }

    /// Takes `cost` where that much is left.
    ///
    /// Threads read the clock before they get here, so one may come late with the past window's time. It counts in the
    /// window that has begun, for the past one's count is gone.
    mutating func take(_ cost: Int, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        let admission = peek(cost, policy, now)
        if admission.isAdmitted, admission.used > 0 { self = admission.window }
        return admission
    }

    /// What `take` would answer.
    func peek(_ cost: Int, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        let isCurrent = now.seconds < end
        let used = isCurrent ? self.used : policy.isShared ? policy.requests : 0
        // Not `used + cost`, which a hostile cost could overflow.
        let isAdmitted = cost == 0 || cost <= policy.requests - used
        return Admission(
            isAdmitted: isAdmitted, used: isAdmitted ? used + cost : used,
            end: isCurrent ? end : policy.windowEnd(at: now))
    }

    /// Adds what this node may admit of a shared window.
    mutating func grant(_ amount: Int, _ policy: RateLimitPolicy, end: Int64) {
        guard end >= self.end else { return }
        let used = end == self.end ? self.used : policy.requests
        self = RateWindow(end: end, used: max(0, used - amount))
    }

    /// Undoes a `take` of the window with this end; does nothing where another has begun.
    mutating func giveBack(_ cost: Int, end: Int64) {
        if self.end == end { self = RateWindow(end: end, used: max(0, used - cost)) }
    }
}

/// Whether a call fits, and what is used of its window, with the call's cost where it was admitted.
struct Admission {
    let window: RateWindow
    let isAdmitted: Bool

    /// - Parameter end: of the window, in seconds.
    init(isAdmitted: Bool, used: Int, end: Int64) {
        self.isAdmitted = isAdmitted
        window = RateWindow(end: end, used: used)
    }

    var used: Int { window.used }
    var end: Int64 { window.end }

    func state(_ holder: RateLimitState.Holder, _ policy: RateLimitPolicy, _ now: Timestamp) -> RateLimitState {
        RateLimitState(
            holder: holder, limit: policy.requests, windowSeconds: policy.windowSeconds,
            remaining: max(0, policy.requests - used), resetSeconds: Int(end - now.seconds),
            resetAt: Timestamp(seconds: end))
    }
}
