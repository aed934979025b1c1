import KeybearerVerification
import Testing

@Suite struct RateLimiterTests {
    private let key: KeyID = identifier(1)
    private let organization: OrganizationID = identifier(2)

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

    @Test func `A26 a call that either policy refuses takes from neither`() throws {
        let limiter = RateLimiter()
        let (own, shared) = (try policy(5, per: 60), try policy(3, per: 60))
        func take(_ key: KeyID, cost: Int) -> (admitted: Bool, state: RateLimitState) {
            limiter.take(key: key, policy: own, organization: (organization, shared), cost: cost, now: noon)
        }
        let first = take(key, cost: 2)
        #expect(first.admitted && first.state.policyName == "organization" && first.state.remaining == 1)
        let refused = take(identifier(9), cost: 2)
        #expect(!refused.admitted && refused.state.policyName == "organization" && refused.state.remaining == 1)
        let untouched = limiter.peek(key: identifier(9), policy: own, cost: 0, now: noon)
        #expect(untouched.state.remaining == 5)
        // The key's own policy refuses before the organization's is asked.
        let wide = try policy(100, per: 60)
        let own2 = limiter.take(key: key, policy: own, organization: (organization, wide), cost: 4, now: noon)
        #expect(!own2.admitted && own2.state.policyName == "default" && own2.state.remaining == 3)
        let kept = limiter.peek(key: identifier(7), policy: own, organization: (organization, wide), cost: 0, now: noon)
        #expect(kept.state.policyName == "default" && kept.state.remaining == 5)
    }

    @Test func `A26 of many calls at once exactly as many are admitted as the policy says`() async throws {
        let limiter = RateLimiter()
        let (own, shared) = (try policy(1_000, per: 60), try policy(2_500, per: 60))
        let admitted = Tally(0)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for call in 0..<2_000 {
                        let key: KeyID = identifier(UInt64((task + call) % 4))
                        let organization: OrganizationID = identifier(2)
                        let taken = limiter.take(
                            key: key, policy: own, organization: (organization, shared), cost: 1, now: noon)
                        if taken.admitted { admitted.change { $0 += 1 } }
                    }
                }
            }
        }
        #expect(admitted.value == 2_500)
        let left = (0..<4).reduce(0) { sum, number in
            sum + limiter.peek(key: identifier(UInt64(number)), policy: own, cost: 0, now: noon).state.remaining
        }
        #expect(left == 4_000 - 2_500, "what the organization refused was not given back")
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
