import KeybearerVerification
import Testing

@Suite struct DecisionTests {
    private func decide(_ fixture: KeyFixture, _ asked: String? = nil, from ip: String? = nil) throws -> Verdict {
        try fixture.record().decide(
            AccessRequest(permission: asked.map(permission), address: ip.map(address)), now: noon)
    }

    @Test func `Z1 a key for which everything is fine is valid`() throws {
        #expect(try decide(KeyFixture()) == .valid)
        #expect(try decide(KeyFixture(), "project:deploy", from: "203.0.113.9") == .valid)
    }

    @Test func `H8 a revoked key is revoked`() throws {
        #expect(try decide(KeyFixture(isRevoked: true)) == .revoked)
    }

    @Test func `Z11 a rotated-out key is good until its overlap ends, and not a microsecond longer`() throws {
        let end = noon.adding(seconds: 10)
        let record = try KeyFixture(overlapEndsAt: end).record()
        #expect(record.decide(AccessRequest(), now: Timestamp(microseconds: end.microseconds - 1)) == .valid)
        #expect(record.decide(AccessRequest(), now: end) == .revoked)
    }

    @Test func `A39 a key is expired from the very moment of its expiry`() throws {
        let end = noon.adding(seconds: 10)
        let record = try KeyFixture(expiresAt: end).record()
        #expect(record.decide(AccessRequest(), now: Timestamp(microseconds: end.microseconds - 1)) == .valid)
        #expect(record.decide(AccessRequest(), now: end) == .expired)
    }

    @Test func `Z2 a disabled key and one of a suspended organization are refused`() throws {
        #expect(try decide(KeyFixture(isDisabled: true)) == .disabled)
        #expect(try decide(KeyFixture(isSuspended: true)) == .organizationSuspended)
    }

    @Test func `Z10 an address outside the allowlist is refused, and so is none`() throws {
        let fixture = KeyFixture(allowed: ["203.0.113.9", "2001:db8::1"])
        #expect(try decide(fixture, from: "203.0.113.9") == .valid)
        #expect(try decide(fixture, from: "::ffff:203.0.113.9") == .valid)
        #expect(try decide(fixture, from: "2001:DB8:0::0001") == .valid)
        #expect(try decide(fixture, from: "203.0.113.10") == .ipNotAllowed)
        #expect(try decide(fixture, from: "::203.0.113.9") == .ipNotAllowed)
        #expect(try decide(fixture) == .ipNotAllowed)
        #expect(try decide(KeyFixture(), from: nil) == .valid)
    }

    @Test func `Z9 what the key does not hold is refused, and an empty list allows nothing`() throws {
        #expect(try decide(KeyFixture(), "project:read") == .insufficientPermissions)
        #expect(try decide(KeyFixture(granted: []), "project:deploy") == .insufficientPermissions)
        #expect(try decide(KeyFixture(granted: ["project/p1:deploy"]), "project/p1:deploy") == .valid)
        #expect(try decide(KeyFixture(granted: ["project/p1:deploy"]), "project:deploy") == .insufficientPermissions)
        #expect(try decide(KeyFixture(granted: [])) == .valid)
    }

    @Test func `A3 with a live ceiling the creator's permissions bound the key too`() throws {
        let bounded = KeyFixture(granted: ["*:*"], ceiling: ["project:read"])
        #expect(try decide(bounded, "project:read") == .valid)
        #expect(try decide(bounded, "project:deploy") == .insufficientPermissions)
        #expect(try decide(KeyFixture(granted: ["*:*"], ceiling: []), "project:read") == .insufficientPermissions)
    }

    /// All 2⁶ combinations: the verdict is that of the first check in the documented order, and `explain` agrees.
    @Test func `A43 the first failing check decides, and an explanation shows every one`() throws {
        let order: [Verdict] = [
            .revoked, .expired, .disabled, .organizationSuspended, .ipNotAllowed, .insufficientPermissions,
        ]
        for failing in 0..<64 {
            func fails(_ verdict: Verdict) -> Bool {
                order.firstIndex(of: verdict).map { failing & 1 << $0 != 0 } ?? false
            }
            let record = try KeyFixture(
                isSuspended: fails(.organizationSuspended), isRevoked: fails(.revoked), isDisabled: fails(.disabled),
                expiresAt: fails(.expired) ? noon : nil,
                granted: fails(.insufficientPermissions) ? ["billing:pay"] : ["project:*"],
                allowed: fails(.ipNotAllowed) ? ["192.0.2.1"] : []
            ).record()
            let request = AccessRequest(
                permission: try permission("project:deploy"), address: try address("203.0.113.9"))
            let checks = record.explain(request, now: noon)
            let first = order.first(where: fails)
            #expect(record.decide(request, now: noon) == first ?? .valid)
            #expect(checks.map(\.verdict) == order)
            #expect(checks.map(\.passed) == order.map { !fails($0) })
            #expect(checks.filter(\.isDecisive).map(\.verdict) == [first].compactMap(\.self))
            #expect(checks.allSatisfy { !$0.detail.isEmpty })
        }
    }

    @Test func `A28 the codes are those of the API and no others`() {
        #expect(
            Verdict.allCases.map(\.rawValue) == [
                "valid", "missing", "malformed", "not_found", "revoked", "expired", "disabled",
                "organization_suspended", "ip_not_allowed", "insufficient_permissions", "rate_limited", "unavailable",
            ])
    }
}
