import KeybearerVerification
import Testing

@Suite(.timeLimit(.minutes(5))) struct VerifierTests {
    private let fixture = KeyFixture()

    @Test func `Z1 a known key is valid, with its record, its limits and the revision`() async throws {
        let bench = try Bench()
        let record = try fixture.record()
        bench.source.put(record)
        let decision = try await bench.verify(fixture, AccessRequest(permission: try permission("project:deploy")))
        #expect(decision.verdict == .valid && decision.record === record && decision.revision == 7)
        #expect(decision.rateLimit?.remaining == 999_999 && decision.retryAfterSeconds == nil)
        // By its digest it is the same key.
        let byDigest = await bench.verifier.verify(.digest(try fixture.digest()), AccessRequest())
        #expect(byDigest.verdict == .valid && byDigest.record === record)
    }

    @Test func `A27 a text that is not of the format is refused without a lookup`() async throws {
        let bench = try Bench()
        var typo = try keyText(1)
        typo[10] = typo[10] == 0x30 ? 0x31 : 0x30
        for text in [typo, Array("sk_".utf8), [0], Array(repeating: 0x61, count: 100_000)] {
            #expect(await bench.verifier.verify(.text(text), AccessRequest()).verdict == .malformed)
        }
        #expect(await bench.verifier.verify(.missing, AccessRequest()).verdict == .missing)
        #expect(await bench.verifier.verify(.text([]), AccessRequest()).verdict == .missing)
        #expect(bench.source.reads == 0)
        #expect(bench.meter.totals[.malformed] == 4 && bench.meter.totals[.missing] == 2)
    }

    @Test func `A27 an unknown key is looked for once`() async throws {
        let bench = try Bench()
        for _ in 0..<10 { #expect(try await bench.verify(fixture).verdict == .notFound) }
        #expect(bench.source.reads == 1 && bench.meter.totals[.notFound] == 10 && bench.meter.drain().isEmpty)
    }

    @Test func `A27 twenty thousand unknown keys leave memory as it was`() async throws {
        let bench = try Bench(absentCapacity: 1_000)
        for number in UInt64(0)..<20_000 {
            let digest = KeyDigest(ofText: [UInt8](String(number).utf8))
            let decision = await bench.verifier.verify(.digest(digest), AccessRequest())
            if decision.verdict != .notFound { Issue.record("\(decision.verdict)") }
        }
        #expect(bench.cache.count == 0 && bench.limiter.count == 0 && bench.meter.drain().isEmpty)
    }

    @Test func `H8 a revoked key is dead on its next request`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        #expect(try await bench.verify(fixture).verdict == .valid)
        let revoked = try KeyFixture(isRevoked: true).record()
        bench.source.put(revoked)
        bench.cache.apply([.key(revoked.digest)])
        let decision = try await bench.verify(fixture)
        #expect(decision.verdict == .revoked && decision.record === revoked)
    }

    @Test func `A8 a key whose revocation may have been committed is refused`() async throws {
        let bench = try Bench()
        let record = try fixture.record()
        bench.source.put(record)
        bench.cache.deny(record.digest)
        #expect(try await bench.verify(fixture).verdict == .revoked)
        #expect(await bench.verifier.inspect(.text(try keyText(1)), address: nil).verdict == .revoked)
        #expect(await bench.verifier.explain(record.digest, AccessRequest()).verdict == .revoked)
    }

    @Test func `A26 a call that is denied for any reason consumes nothing`() async throws {
        let bench = try Bench()
        let limited = KeyFixture(allowed: ["203.0.113.9"], limit: (requests: 2, windowSeconds: 60))
        bench.source.put(try limited.record())
        let good = AccessRequest(permission: try permission("project:deploy"), address: try address("203.0.113.9"))
        let elsewhere = AccessRequest(address: try address("203.0.113.10"))
        let more = AccessRequest(permission: try permission("billing:pay"), address: try address("203.0.113.9"))
        for _ in 0..<5 {
            let denied = try await bench.verify(limited, elsewhere)
            #expect(denied.verdict == .ipNotAllowed && denied.rateLimit?.remaining == 2)
            #expect(try await bench.verify(limited, more).verdict == .insufficientPermissions)
        }
        #expect(try await bench.verify(limited, good).rateLimit?.remaining == 1)
        #expect(try await bench.verify(limited, good).rateLimit?.remaining == 0)
        let limitedNow = try await bench.verify(limited, good)
        #expect(limitedNow.verdict == .rateLimited && limitedNow.retryAfterSeconds == 60)
        #expect(limitedNow.record != nil)
        // What denies the call comes before what is counted.
        #expect(try await bench.verify(limited, elsewhere).verdict == .ipNotAllowed)
        bench.clock.set(noon.adding(seconds: 60))
        #expect(try await bench.verify(limited, good).verdict == .valid)
    }

    @Test func `A26 an organization's policy is shared by its keys`() async throws {
        let bench = try Bench()
        let keys = try (UInt64(1)...3).map { KeyFixture(number: $0, organizationLimit: try policy(2, per: 60)) }
        for key in keys { bench.source.put(try key.record()) }
        #expect(try await bench.verify(keys[0]).rateLimit?.policyName == "organization")
        #expect(try await bench.verify(keys[1]).verdict == .valid)
        let third = try await bench.verify(keys[2])
        #expect(third.verdict == .rateLimited && third.rateLimit?.policyName == "organization")
    }

    @Test func `A26 every outcome of a known key is metered once`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        let deploy = try permission("project:deploy")
        _ = try await bench.verify(fixture, AccessRequest(permission: deploy, address: try address("203.0.113.9")))
        _ = try await bench.verify(fixture, AccessRequest(permission: try permission("billing:pay")))
        let batch = bench.meter.drain()
        #expect(batch.hourly.map(\.count) == [1, 1])
        #expect(batch.hourly.map(\.verdict) == [.valid, .insufficientPermissions])
        #expect(batch.lastUsed.map(\.address?.description) == ["203.0.113.9"])
        #expect(batch.permissionUse.map(\.permission) == ["project:deploy"])
        #expect(batch.denials.map(\.permission) == ["billing:pay"])
    }

    @Test func `A27 the hot path answers from memory or not at all, and counts only what it answers`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        let text = PresentedCredential.text(try keyText(1))
        #expect(bench.verifier.verifyInMemory(text, AccessRequest()) == nil)
        #expect(bench.meter.totals.values.reduce(0, +) == 0)
        _ = await bench.verifier.inspect(text, address: nil)
        #expect(bench.verifier.verifyInMemory(text, AccessRequest())?.verdict == .valid)
        bench.freshness.expire()
        #expect(bench.verifier.verifyInMemory(text, AccessRequest()) == nil)
        #expect(bench.verifier.verifyInMemory(.missing, AccessRequest())?.verdict == .missing)
        #expect(bench.meter.totals[.valid] == 1)
    }

    @Test func `Z2 inspection looks at the key alone and counts nothing`() async throws {
        let bench = try Bench()
        let limited = KeyFixture(granted: [], allowed: ["203.0.113.9"], limit: (requests: 1, windowSeconds: 60))
        bench.source.put(try limited.record())
        let text = PresentedCredential.text(try keyText(1))
        for _ in 0..<3 {
            #expect(await bench.verifier.inspect(text, address: try address("203.0.113.9")).verdict == .valid)
        }
        #expect(await bench.verifier.inspect(text, address: nil).verdict == .ipNotAllowed)
        #expect(await bench.verifier.inspect(.missing, address: nil).verdict == .missing)
        #expect(await bench.verifier.inspect(.text([1]), address: nil).verdict == .malformed)
        #expect(bench.meter.drain().isEmpty && bench.meter.totals.values.reduce(0, +) == 0)
        #expect(try await bench.verify(limited, AccessRequest(address: try address("203.0.113.9"))).verdict == .valid)
    }

    @Test func `Z11 an explanation shows every check and the limit, and counts nothing`() async throws {
        let bench = try Bench()
        let limited = KeyFixture(limit: (requests: 1, windowSeconds: 60))
        let record = try limited.record()
        bench.source.put(record)
        let before = await bench.verifier.explain(record.digest, AccessRequest())
        #expect(before.verdict == .valid && before.checks.allSatisfy(\.passed) && before.checks.count == 7)
        _ = try await bench.verify(limited)
        let asked = AccessRequest(permission: try permission("billing:pay"))
        let after = await bench.verifier.explain(record.digest, asked)
        #expect(after.verdict == .insufficientPermissions)
        #expect(after.checks.filter { !$0.passed }.map(\.name) == ["permission", "rate_limit"])
        #expect(await bench.verifier.explain(record.digest, AccessRequest()).verdict == .rateLimited)
        let unknown = await bench.verifier.explain(try KeyFixture(number: 9).record().digest, AccessRequest())
        #expect(unknown.verdict == .notFound && unknown.checks.isEmpty)
        #expect(bench.meter.totals.values.reduce(0, +) == 1)
    }

    @Test func `A23 keys sealed under a retired pepper keep working, plain ones do not`() async throws {
        let old = try #require(Pepper(id: "old", secret: Array(repeating: 1, count: 32)))
        let new = try #require(Pepper(id: "new", secret: Array(repeating: 2, count: 32)))
        let bench = try Bench(peppers: Peppers(current: new, retired: [old]))
        let retired = KeyFixture(number: 1, peppers: Peppers(current: old, retired: []))
        let current = KeyFixture(number: 2, peppers: Peppers(current: new, retired: []))
        let minted = KeyFixture(number: 3, peppers: .none)
        for key in [retired, current, minted] { bench.source.put(try key.record()) }
        for _ in 0..<2 {
            #expect(try await bench.verify(retired).verdict == .valid)
            #expect(try await bench.verify(current).verdict == .valid)
            #expect(try await bench.verify(minted).verdict == .notFound)
        }
        #expect(bench.source.reads == 3)
        bench.cache.deny(try retired.record().digest)
        #expect(try await bench.verify(retired).verdict == .revoked)
    }

    @Test func `Z9 imported keys of a foreign form are looked up only where there are any`() async throws {
        let bench = try Bench()
        let foreign = Array("legacy-token-0001".utf8)
        let record = try KeyFixture().record()
        let imported = KeyRecord(record, digest: Peppers.none.seal(KeyDigest(ofText: foreign)))
        bench.source.put(imported)
        #expect(await bench.verifier.verify(.text(foreign), AccessRequest()).verdict == .malformed)
        bench.verifier.acceptsForeignForms = true
        #expect(await bench.verifier.verify(.text(foreign), AccessRequest()).verdict == .valid)
        var typo = try keyText(1)
        typo[10] = typo[10] == 0x30 ? 0x31 : 0x30
        #expect(await bench.verifier.verify(.text(typo), AccessRequest()).verdict == .malformed)
        let long = Array(repeating: UInt8(0x61), count: 513)
        #expect(await bench.verifier.verify(.text(long), AccessRequest()).verdict == .malformed)
    }
}

/// "If no decision can be made, the answer is not 'allowed'."
@Suite(.timeLimit(.minutes(5))) struct FailClosedTests {
    private let fixture = KeyFixture()

    @Test func `R2 a source that fails makes the answer unavailable`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        bench.source.breakDown()
        let decision = try await bench.verify(fixture)
        #expect(decision.verdict == .unavailable && decision.record == nil)
        #expect(await bench.verifier.inspect(.text(try keyText(1)), address: nil).verdict == .unavailable)
        #expect(bench.meter.totals[.unavailable] == 1)
        bench.source.breakDown(false)
        #expect(try await bench.verify(fixture).verdict == .valid)
    }

    @Test func `R2 a source that hangs makes the answer unavailable at the deadline`() async throws {
        let bench = try Bench(loadDeadline: .milliseconds(50))
        bench.source.put(try fixture.record())
        let gate = Gate()
        bench.source.beforeAnswer { await gate.wait() }
        #expect(try await bench.verify(fixture).verdict == .unavailable)
        gate.open()
    }

    @Test func `R2 without a valid lease memory decides nothing until it has caught up`() async throws {
        let bench = try Bench()
        let record = try fixture.record()
        bench.source.put(record)
        #expect(try await bench.verify(fixture).verdict == .valid)
        bench.freshness.expire()
        bench.freshness.onCatchUp { throw TestFreshness.Unreachable() }
        #expect(try await bench.verify(fixture).verdict == .unavailable)
        // What was missed is applied before anything is answered.
        let (source, cache) = (bench.source, bench.cache)
        let revoked = try KeyFixture(isRevoked: true).record()
        bench.freshness.onCatchUp {
            source.put(revoked)
            cache.apply([.key(revoked.digest)])
            return (true, 8)
        }
        let decision = try await bench.verify(fixture)
        #expect(decision.verdict == .revoked && decision.revision == 8)
    }

    @Test func `R2 catching up that does not help ends in unavailable`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        bench.freshness.expire()
        bench.freshness.onCatchUp { (false, 7) }
        #expect(try await bench.verify(fixture).verdict == .unavailable)
        #expect(bench.freshness.catchUps == 10)
    }

    @Test func `R2 a call is not refused because others commit while it catches up`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        bench.freshness.expire()
        let times = Tally(0)
        bench.freshness.onCatchUp {
            times.change { $0 += 1 }
            return (times.value == 8, 7)
        }
        #expect(try await bench.verify(fixture).verdict == .valid && times.value == 8)
    }

    @Test func `R2 a lease that ends during a load makes the answer wait for the next`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        let freshness = bench.freshness
        bench.source.beforeAnswer { freshness.expire() }
        bench.freshness.onCatchUp { throw TestFreshness.Unreachable() }
        #expect(try await bench.verify(fixture).verdict == .unavailable)
        bench.freshness.onCatchUp { (true, 7) }
        #expect(try await bench.verify(fixture).verdict == .valid)
    }

    @Test func `R1 a revision that is asked for is waited for, or the answer is unavailable`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        let text = PresentedCredential.text(try keyText(1))
        func verify(_ revision: Int64) async -> Decision {
            await bench.verifier.verify(text, AccessRequest(), minimumRevision: revision)
        }
        #expect(await verify(7).verdict == .valid && bench.freshness.catchUps == 0)
        #expect(await verify(9).verdict == .unavailable && bench.freshness.catchUps == 1)
        bench.freshness.onCatchUp { (true, 9) }
        let decision = await verify(9)
        #expect(decision.verdict == .valid && decision.revision == 9)
        #expect(await bench.verifier.verify(.text([1]), AccessRequest(), minimumRevision: 99).verdict == .malformed)
    }

    @Test func `R1 a strict call catches up first, every time`() async throws {
        let bench = try Bench()
        bench.source.put(try fixture.record())
        for expected in 1...3 {
            let decision = await bench.verifier.verify(.text(try keyText(1)), AccessRequest(), strict: true)
            #expect(decision.verdict == .valid && bench.freshness.catchUps == expected)
        }
        bench.freshness.onCatchUp { throw TestFreshness.Unreachable() }
        let decision = await bench.verifier.verify(.text(try keyText(1)), AccessRequest(), strict: true)
        #expect(decision.verdict == .unavailable)
    }

    @Test func `R1 keys of a strict organization catch up each time, and others do not`() async throws {
        let bench = try Bench()
        var strict = fixture
        strict.isStrict = true
        bench.source.put(try strict.record())
        var free = fixture
        (free.number, free.organizationNumber) = (2, 2)
        bench.source.put(try free.record())
        for expected in 1...3 {
            #expect(bench.verifier.verifyInMemory(.text(try keyText(1)), AccessRequest()) == nil)
            #expect(try await bench.verify(strict).verdict == .valid && bench.freshness.catchUps == expected)
            #expect(try await bench.verify(free).verdict == .valid && bench.freshness.catchUps == expected)
        }
        // What was committed while it asked is what it decides by.
        let cache = bench.cache
        var revoked = strict
        revoked.isRevoked = true
        bench.source.put(try revoked.record())
        let digest = try revoked.record().digest
        bench.freshness.onCatchUp {
            cache.invalidate([digest])
            return (true, 8)
        }
        #expect(try await bench.verify(strict).verdict == .revoked)
        bench.freshness.onCatchUp { throw TestFreshness.Unreachable() }
        #expect(try await bench.verify(strict).verdict == .unavailable)
        #expect(try await bench.verify(free).verdict == .valid)
    }

    @Test func `R2 each failure is reported once`() async throws {
        let failures = Tally(0)
        let source = TestSource()
        source.breakDown()
        let verifier = Verifier(
            format: try format(), peppers: .none, cache: RecordCache(capacityInBytes: 1 << 20), source: source,
            freshness: TestFreshness(), clock: TestClock().wall,
            report: { _ in failures.change { $0 += 1 } })
        _ = await verifier.verify(.text(try keyText(1)), AccessRequest())
        #expect(failures.value == 1)
    }
}

extension KeyRecord {
    /// The same key under another digest.
    fileprivate init(_ other: KeyRecord, digest: StoredDigest) {
        self.init(
            id: other.id, organization: other.organization, digest: digest, name: other.name, preview: other.preview,
            isRevoked: other.isRevoked, isDisabled: other.isDisabled, expiresAt: other.expiresAt,
            overlapEndsAt: other.overlapEndsAt, grantedTexts: other.grantedTexts, permissions: other.permissions,
            ceiling: other.ceiling, allowedAddresses: other.allowedAddresses, createdBy: other.createdBy,
            labels: other.labels, rateLimit: other.rateLimit)
    }
}
