import Testing

@testable import KeybearerVerification

@Suite(.timeLimit(.minutes(5))) struct RecordCacheFillTests {
    private let source = TestSource()
    private let cache = RecordCache(capacityInBytes: 1 << 20, shards: 4)

    private func records(_ count: UInt64) throws -> [KeyRecord] {
        let records = try (0..<count).map { try KeyFixture(number: $0).record() }
        records.forEach(source.put)
        return records
    }

    @Test func `A27 with the whole set in memory an unknown key costs no load and no memory`() async throws {
        let all = try records(50)
        await cache.fill { insert in all.forEach(insert) }
        #expect(cache.isComplete && cache.count == 50)
        let bytes = cache.byteCount
        for number in UInt64(1_000)..<2_000 {
            let digest = Peppers.none.seal(try KeyFixture(number: number).digest())
            if !cache.lookup(digest).isAbsent { Issue.record("\(number) may be there") }
        }
        #expect(cache.byteCount == bytes && source.reads == 0)
    }

    @Test func `A27 what changed since is loaded again, and only that`() async throws {
        let all = try records(50)
        await cache.fill { insert in all.forEach(insert) }
        let created = try KeyFixture(number: 99).record()
        #expect(cache.lookup(created.digest).isAbsent)
        source.put(created)
        cache.apply([.key(created.digest), .key(all[3].digest)])
        #expect(cache.lookup(created.digest).isMiss && cache.lookup(all[3].digest).isMiss)
        source.remove(all[3])
        #expect(try await cache.load([created.digest], from: source) === created)
        #expect(try await cache.load([all[3].digest], from: source) == nil)
        #expect(cache.lookup(created.digest).record === created && cache.lookup(all[3].digest).isAbsent)
        #expect(cache.isComplete)
    }

    @Test func `A27 once something had to go, absence has to be asked for again`() async throws {
        let small = RecordCache(capacityInBytes: 8 << 10, shards: 1)
        let all = try records(50)
        await small.fill { insert in all.forEach(insert) }
        #expect(!small.isComplete)
        #expect(all.allSatisfy { !small.lookup($0.digest).isAbsent })
        await cache.fill { insert in all.forEach(insert) }
        cache.invalidateAll()
        #expect(!cache.isComplete && all.allSatisfy { cache.lookup($0.digest).isMiss })
    }

    @Test func `A8 a row that was loaded does not replace one that a fill has read since`() async throws {
        let all = try records(10)
        let revoked = try KeyFixture(number: 4, isRevoked: true).record()
        let (cache, source) = (cache, source)
        source.beforeAnswer {
            // Read before the commit, answered after the fill has read what came of it.
            await cache.fill { insert in (all.filter { $0.digest != revoked.digest } + [revoked]).forEach(insert) }
        }
        #expect(try await cache.load([revoked.digest], from: source) === all[4])
        #expect(cache.lookup(revoked.digest).record === revoked)
        guard case .judged(let judgement) = cache.decide(all[4], AccessRequest(), noon) else {
            Issue.record("no judgement")
            return
        }
        #expect(judgement.verdict == .revoked)
    }

    @Test func `A8 a row that was read first does not come back where a newer one had to make room`() async throws {
        let all = try records(50)
        let revoked = try KeyFixture(number: 4, isRevoked: true).record()
        let wentFirst = Tally(0)
        // Which record goes first depends on where it stands, which is different each time.
        for _ in 0..<2_000 where wentFirst.value < 3 {
            let small = RecordCache(capacityInBytes: 8 << 10, shards: 1)
            let hasGone = Tally(false)
            source.beforeAnswer {
                await small.fill { insert in ([revoked] + all.filter { $0.digest != revoked.digest }).forEach(insert) }
                if small.lookup(revoked.digest).isMiss { hasGone.change { $0 = true } }
            }
            #expect(try await small.load([revoked.digest], from: source) === all[4])
            guard hasGone.value else { continue }
            wentFirst.change { $0 += 1 }
            #expect(small.lookup(revoked.digest).isMiss)
        }
        #expect(wentFirst.value == 3)
    }

    @Test func `A8 a row that a fill has read does not replace one that was loaded since`() async throws {
        let all = try records(10)
        let revoked = try KeyFixture(number: 4, isRevoked: true).record()
        let (cache, source) = (cache, source)
        try await cache.fill { insert async throws in
            // Another node's commit, which this one has not heard of yet.
            source.put(revoked)
            _ = try await cache.load([revoked.digest], from: source)
            all.forEach(insert)
        }
        #expect(cache.lookup(all[4].digest).record === revoked)
        #expect(cache.isComplete && cache.count == 10)
    }

    @Test func `A8 a row read before a change does not come back by the fill that read it`() async throws {
        let all = try records(10)
        let changed = try KeyFixture(number: 4, isRevoked: true).record()
        let (cache, source) = (cache, source)
        try await cache.fill { insert async throws in
            source.put(changed)
            source.remove(all[5])
            cache.apply([.key(changed.digest), .key(all[5].digest)])
            // Both are loaded anew before the old rows come.
            _ = try await cache.load([changed.digest], from: source)
            _ = try await cache.load([all[5].digest], from: source)
            all.forEach(insert)
        }
        #expect(cache.lookup(all[4].digest).record === changed)
        #expect(cache.lookup(all[5].digest).record == nil)
        #expect(try await cache.load([all[5].digest], from: source) == nil)
        #expect(cache.lookup(all[5].digest).isAbsent)
    }

    @Test func `A8 an organization that changed during the fill is loaded again`() async throws {
        let all = try records(10)
        let cache = cache
        await cache.fill { insert in
            insert(all[0])
            cache.apply([.organization(all[0].organization.id)])
            all.forEach(insert)
        }
        #expect(all.allSatisfy { cache.lookup($0.digest).isMiss } && cache.isComplete)
    }

    @Test func `A8 everything invalidated during a fill makes an end of it`() async throws {
        let all = try records(10)
        let cache = cache
        await cache.fill { insert in
            cache.apply([.everything])
            all.forEach(insert)
        }
        #expect(!cache.isComplete && cache.count == 0)
    }

    @Test func `A27 a fill that fails leaves the set incomplete`() async throws {
        let all = try records(10)
        await #expect(throws: TestSource.Unreachable.self) {
            try await cache.fill { insert async throws in
                insert(all[0])
                throw TestSource.Unreachable()
            }
        }
        #expect(!cache.isComplete && cache.lookup(all[1].digest).isMiss)
    }
}
