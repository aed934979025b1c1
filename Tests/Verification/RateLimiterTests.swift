import Testing

@testable import KeybearerVerification

@Suite struct RateLimiterTests {
    private let key: KeyID = identifier(1)

    @Test func `A26 what remains and when it resets are exact`() throws {
        let limiter = RateLimiter()
        let policy = try policy(3, per: 60)
        // 20 s into the window that began at noon.
        let now = Timestamp(microseconds: noon.adding(seconds: 20).microseconds + 500_000)
        for expected in [2, 1, 0] {
            let taken = limiter.take(key: key, policy: policy, cost: 1, now: now)
            #expect(taken.admitted && taken.state.remaining == expected)
            #expect(taken.state.resetSeconds == 40 && taken.state.resetAt == noon.adding(seconds: 60))
            #expect(taken.state.policyName == "default" && taken.state.limit == 3 && taken.state.windowSeconds == 60)
        }
        let refused = limiter.take(key: key, policy: policy, cost: 1, now: now)
        #expect(!refused.admitted && refused.state.remaining == 0 && refused.state.resetSeconds == 40)
    }

    @Test func `A26 windows are aligned to the epoch and end on the second`() throws {
        let limiter = RateLimiter()
        let policy = try policy(1, per: 60)
        let last = Timestamp(microseconds: noon.adding(seconds: 60).microseconds - 1)
        #expect(limiter.take(key: key, policy: policy, cost: 1, now: noon).admitted)
        let refused = limiter.take(key: key, policy: policy, cost: 1, now: last)
        #expect(!refused.admitted && refused.state.resetSeconds == 1)
        #expect(limiter.take(key: key, policy: policy, cost: 1, now: noon.adding(seconds: 60)).admitted)
    }

    @Test func `A26 a random history agrees with a count of what each window admitted`() throws {
        var random = SeededRandom(seed: 26)
        for _ in 0..<50 {
            let limiter = RateLimiter(shards: 1)
            let policy = try policy(Int.random(in: 1...20, using: &random), per: Int.random(in: 1...9, using: &random))
            var admitted: [Int64: Int] = [:]
            var now = noon
            for _ in 0..<200 {
                now = Timestamp(microseconds: now.microseconds + Int64.random(in: 0...900_000, using: &random))
                let cost = Int.random(in: 0...4, using: &random)
                let window = now.seconds / Int64(policy.windowSeconds)
                let used = admitted[window, default: 0]
                let peeked = limiter.peek(key: key, policy: policy, cost: cost, now: now)
                let taken = limiter.take(key: key, policy: policy, cost: cost, now: now)
                let expected = cost == 0 || used + cost <= policy.requests
                #expect(taken.admitted == expected && peeked.admitted == expected && peeked.state == taken.state)
                if expected { admitted[window] = used + cost }
                #expect(taken.state.remaining == policy.requests - admitted[window, default: 0])
                #expect(taken.state.resetAt.seconds == (window + 1) * Int64(policy.windowSeconds))
            }
        }
    }

    @Test func `A26 a cost of 0 is admitted and takes nothing, one above the limit never is`() throws {
        let limiter = RateLimiter()
        let policy = try policy(2, per: 60)
        #expect(!limiter.take(key: key, policy: policy, cost: 3, now: noon).admitted)
        #expect(!limiter.take(key: key, policy: policy, cost: .max, now: noon).admitted)
        #expect(limiter.take(key: key, policy: policy, cost: 2, now: noon).admitted)
        #expect(!limiter.take(key: key, policy: policy, cost: .max, now: noon).admitted)
        let free = limiter.take(key: key, policy: policy, cost: 0, now: noon)
        #expect(free.admitted && free.state.remaining == 0)
    }

    @Test func `A26 a thread that is late with the past window's time gets no second share of it`() throws {
        let limiter = RateLimiter()
        let policy = try policy(1, per: 60)
        let (before, after) = (noon.adding(seconds: 59), noon.adding(seconds: 60))
        #expect(limiter.take(key: key, policy: policy, cost: 1, now: before).admitted)
        #expect(limiter.take(key: key, policy: policy, cost: 1, now: after).admitted)
        #expect(!limiter.take(key: key, policy: policy, cost: 1, now: before).admitted)
    }

    @Test func `A26 another amount for the same window goes on counting`() throws {
        let limiter = RateLimiter()
        #expect(limiter.take(key: key, policy: try policy(5, per: 60), cost: 4, now: noon).admitted)
        let lowered = limiter.take(key: key, policy: try policy(3, per: 60), cost: 1, now: noon)
        #expect(!lowered.admitted && lowered.state.remaining == 0)
        #expect(limiter.take(key: key, policy: try policy(6, per: 60), cost: 1, now: noon).state.remaining == 1)
    }

    @Test func `A27 windows that have ended do not pile up`() throws {
        let limiter = RateLimiter(shards: 1)
        let policy = try policy(5, per: 1)
        for number in 0..<100_000 {
            let now = noon.adding(seconds: Int64(number / 100))
            _ = limiter.take(key: identifier(UInt64(number)), policy: policy, cost: 1, now: now)
        }
        #expect(limiter.count <= 512)
    }

    @Test func `A26 a policy is 1…10⁹ of each`() {
        #expect(RateLimitPolicy(requests: 0, windowSeconds: 60) == nil)
        #expect(RateLimitPolicy(requests: 60, windowSeconds: 0) == nil)
        #expect(RateLimitPolicy(requests: 1_000_000_001, windowSeconds: 60) == nil)
        #expect(RateLimitPolicy(requests: 60, windowSeconds: 1_000_000_001) == nil)
        #expect(RateLimitPolicy(requests: 1_000_000_000, windowSeconds: 1_000_000_000) != nil)
        #expect(RateLimitPolicy(requests: 1, windowSeconds: 1) != nil)
    }
}

extension RateLimiter {
    fileprivate func take(
        key: KeyID, policy: RateLimitPolicy, cost: Int, now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let admission = take(cost, of: key, policy, now)
        return (admission.isAdmitted, admission.state(.key, policy, now))
    }

    fileprivate func peek(
        key: KeyID, policy: RateLimitPolicy, cost: Int, now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let admission = peek(cost, of: key, policy, now)
        return (admission.isAdmitted, admission.state(.key, policy, now))
    }
}
