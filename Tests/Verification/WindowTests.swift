import Testing

@testable import KeybearerVerification

/// Rate limits and counts of keys whose records come into memory and leave it again.
@Suite(.timeLimit(.minutes(5))) struct WindowTests {
    private func limited(_ number: UInt64 = 1, to requests: Int, organization: RateLimitPolicy? = nil) -> KeyFixture {
        KeyFixture(number: number, organizationLimit: organization, limit: (requests, 60))
    }

    @Test func `A26 a window outlives the record that it stood beside`() async throws {
        let bench = try Bench()
        let key = limited(to: 5)
        bench.source.put(try key.record())
        for left in [4, 3, 2] {
            #expect(try await bench.verify(key).rateLimit?.remaining == left)
            bench.cache.apply([.key(try key.record().digest)])
        }
        #expect(bench.limiter.count == 1)
        #expect(try await bench.verify(key).rateLimit?.remaining == 1)
        #expect(bench.limiter.count == 0, "the window stands in two places")
        bench.cache.apply([.everything])
        #expect(try await bench.verify(key).rateLimit?.remaining == 0)
        bench.cache.apply([.organization(identifier(1))])
        #expect(try await bench.verify(key).verdict == .rateLimited)
    }

    @Test func `A26 a record too large for memory is limited all the same`() async throws {
        let bench = try Bench(capacityInBytes: 2_048)
        let key = limited(to: 2)
        bench.source.put(try key.record())
        let verdicts = [
            try await bench.verify(key).verdict, try await bench.verify(key).verdict,
            try await bench.verify(key).verdict,
        ]
        #expect(verdicts == [.valid, .valid, .rateLimited] && bench.cache.count == 0)
        #expect(bench.meter.totals[.valid] == 2 && bench.meter.drain().hourly.reduce(0) { $0 + $1.count } == 3)
    }

    @Test func `A26 a window that has ended is not kept for its key`() async throws {
        let bench = try Bench()
        let (key, other) = (limited(to: 5), limited(2, to: 5))
        for fixture in [key, other] { bench.source.put(try fixture.record()) }
        _ = try await bench.verify(key)
        bench.clock.set(noon.adding(seconds: 60))
        // The same shard may or may not have seen the new time; the next call of the key certainly has.
        _ = try await bench.verify(key, AccessRequest(cost: 0))
        bench.cache.apply([.key(try key.record().digest)])
        #expect(bench.limiter.count == 0)
    }

    @Test func `A26 a call that either policy refuses takes from neither`() async throws {
        let bench = try Bench()
        let shared = try policy(3, per: 60)
        let keys = (UInt64(1)...3).map { limited($0, to: 5, organization: shared) }
        for key in keys { bench.source.put(try key.record()) }
        let first = try await bench.verify(keys[0], AccessRequest(cost: 2))
        #expect(first.verdict == .valid && first.rateLimit?.policyName == "organization")
        #expect(first.rateLimit?.remaining == 1)
        for _ in 0..<3 {
            let refused = try await bench.verify(keys[1], AccessRequest(cost: 2))
            #expect(refused.verdict == .rateLimited && refused.rateLimit?.policyName == "organization")
            #expect(refused.rateLimit?.remaining == 1)
        }
        let record = try keys[1].record()
        #expect(bench.cache.peek(record, cost: 0, noon).used == 0, "the key's own share was not given back")
        // The key's own policy refuses before the organization's is asked.
        let own = try await bench.verify(keys[0], AccessRequest(cost: 4))
        #expect(own.verdict == .rateLimited && own.rateLimit?.policyName == "default")
    }

    /// Records are dropped, loaded and drained all the while.
    @Test(arguments: [1 << 20, 6_000])
    func `A26 of many calls at once exactly as many are admitted as the policies say`(capacity: Int) async throws {
        let bench = try Bench(capacityInBytes: capacity)
        let shared = try policy(2_500, per: 60)
        let keys = (UInt64(0)..<4).map { limited($0, to: 1_000, organization: shared) }
        let free = (UInt64(4)..<8).map { limited($0, to: 700) }
        let records = try (keys + free).map { try $0.record() }
        records.forEach(bench.source.put)
        let texts = try (0..<8).map { try keyText(UInt64($0)) }
        let (admitted, counted) = (Tally([0, 0]), Tally(0))
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for call in 0..<2_000 {
                        let number = (task + call) % 8
                        let decision = await bench.verifier.verify(.text(texts[number]), AccessRequest())
                        if decision.verdict == .valid { admitted.change { $0[number < 4 ? 0 : 1] += 1 } }
                    }
                }
            }
            group.addTask {
                for round in 0..<300 {
                    bench.cache.apply([.key(records[round % 8].digest)])
                    let batch = bench.meter.drain()
                    counted.change { $0 += batch.hourly.reduce(0) { $0 + $1.count } }
                    await Task.yield()
                }
            }
        }
        #expect(admitted.value == [2_500, 2_800])
        let rest = bench.meter.drain().hourly.reduce(0) { $0 + $1.count }
        #expect(counted.value + rest == 16_000)
        #expect(bench.meter.totals[.valid] == 5_300 && bench.meter.totals[.rateLimited] == 16_000 - 5_300)
    }

    @Test func `Z11 uses are told hour by hour, by permission and with their last address`() async throws {
        let bench = try Bench()
        let key = KeyFixture(granted: ["billing:pay", "project:*"])
        bench.source.put(try key.record())
        let (near, far) = (try address("203.0.113.1"), try address("203.0.113.2"))
        let asked = try permission("project:read")
        for second in [0, 1, 3_600] as [Int64] {
            bench.clock.set(noon.adding(seconds: second))
            let place = second == 1 ? far : near
            _ = try await bench.verify(key, AccessRequest(permission: asked, address: place))
        }
        let batch = bench.meter.drain()
        #expect(batch.hourly.map(\.count).sorted() == [1, 2] && bench.meter.drain().isEmpty)
        let last = batch.lastUsed.max { $0.at < $1.at }
        #expect(last?.address == near && last?.at == noon.adding(seconds: 3_600))
        #expect(Set(batch.permissionUse.map(\.permission)) == ["project:*"])
        #expect(batch.permissionUse.map(\.hourStart).max() == noon.adding(seconds: 3_600))
        _ = try await bench.verify(key)
        #expect(bench.meter.drain().hourly.map(\.count) == [1])
    }
}
