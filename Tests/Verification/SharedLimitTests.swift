import Testing

@testable import KeybearerVerification

/// What a database would grant: portions of one size, until the window's limit is reached.
private final class TestGrants: LimitGrants {
    struct Unreachable: Error {}

    struct State: Sendable {
        /// By holder and window.
        var left: [String: Int] = [:]
        var questions = 0
        var isBroken = false
    }

    let state = Tally(State())
    private let portion: Int

    init(portion: Int) { self.portion = portion }

    func grant(to holder: LimitHolder, _ policy: RateLimitPolicy, windowEnd: Int64, cost: Int) async throws -> Int {
        let portion = portion
        let row = "\(holder) \(windowEnd)"
        state.change { state in
            state.questions += 1
            if state.left[row] == nil { state.left[row] = policy.requests }
        }
        if state.value.isBroken { throw Unreachable() }
        let granted = min(state.value.left[row] ?? 0, max(portion, cost))
        state.change { $0.left[row, default: 0] -= granted }
        return granted
    }
}

@Suite(.timeLimit(.minutes(1))) struct SharedLimitTests {
    private let fixture = KeyFixture(limit: (requests: 50, windowSeconds: 60), sharesLimits: true)

    @Test func `R4 a window begins with nothing, and admits what was granted`() throws {
        let shared = try policy(50, per: 60).shared
        var window = RateWindow.none
        #expect(!window.take(1, shared, noon).isAdmitted)
        let end = shared.windowEnd(at: noon)
        window.grant(3, shared, end: end)
        #expect(window.take(2, shared, noon).isAdmitted)
        #expect(!window.take(2, shared, noon).isAdmitted)
        #expect(window.take(1, shared, noon).isAdmitted)
        #expect(!window.take(1, shared, noon).isAdmitted)
        window.grant(1, shared, end: end)
        #expect(window.take(1, shared, noon).isAdmitted)
        // What comes late is of a window that is over.
        let later = noon.adding(seconds: 60)
        window.grant(5, shared, end: shared.windowEnd(at: later))
        window.grant(9, shared, end: end)
        #expect(window.peek(0, shared, later).used == 45)
    }

    @Test func `R4 a verifier admits what it was granted, asks no more often than that, and not again in vain`()
        async throws
    {
        let grants = TestGrants(portion: 8)
        let bench = try Bench(grants: grants)
        bench.source.put(try fixture.record())
        var remaining: [Int] = []
        for _ in 0..<50 {
            let decision = try await bench.verify(fixture)
            #expect(decision.verdict == .valid)
            remaining.append(decision.rateLimit?.remaining ?? -1)
        }
        // 8 + 7 × … : never more than what this node holds.
        #expect(remaining.allSatisfy { (0..<16).contains($0) }, "\(remaining)")
        for _ in 0..<20 { #expect(try await bench.verify(fixture).verdict == .rateLimited) }
        #expect(grants.state.value.questions <= 9, "\(grants.state.value.questions)")
        bench.clock.set(noon.adding(seconds: 60))
        #expect(try await bench.verify(fixture).verdict == .valid)
    }

    @Test func `R4 without an answer a call is refused, and the next second asks again`() async throws {
        let grants = TestGrants(portion: 8)
        grants.state.change { $0.isBroken = true }
        let bench = try Bench(grants: grants)
        bench.source.put(try fixture.record())
        for _ in 0..<5 { #expect(try await bench.verify(fixture).verdict == .rateLimited) }
        #expect(grants.state.value.questions == 1)
        grants.state.change { $0.isBroken = false }
        bench.clock.set(noon.adding(seconds: 1))
        #expect(try await bench.verify(fixture).verdict == .valid)
    }

    @Test func `R4 an organization's limit is granted as a key's is`() async throws {
        let grants = TestGrants(portion: 4)
        let bench = try Bench(grants: grants)
        var fixture = fixture
        fixture.limit = (requests: 1_000, windowSeconds: 60)
        fixture.organizationLimit = try policy(10, per: 60)
        bench.source.put(try fixture.record())
        var valid = 0
        for _ in 0..<30 where try await bench.verify(fixture).verdict == .valid { valid += 1 }
        #expect(valid == 10)
        #expect(bench.meter.totals[.valid] == UInt64(valid) && bench.meter.totals[.rateLimited] == UInt64(30 - valid))
    }
}
