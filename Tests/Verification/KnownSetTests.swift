import Testing

@testable import KeybearerVerification

/// Sets whose records memory does not hold, of which it knows the digests.
@Suite(.timeLimit(.minutes(5))) struct KnownSetTests {
    private let source = TestSource()
    private let cache = RecordCache(capacityInBytes: 1 << 20, shards: 4)

    private func record(_ number: UInt64) throws -> KeyRecord { try KeyFixture(number: number).record() }

    private func records(_ numbers: Range<UInt64>) throws -> [KeyRecord] {
        let records = try numbers.map(record)
        records.forEach(source.put)
        return records
    }

    private func gather(_ records: [KeyRecord], into cache: RecordCache) async {
        await cache.gather(expecting: records.count) { insert in for record in records { insert(record.digest) } }
    }

    /// How many of as many digests that no key has are known to be absent.
    private func absent(_ numbers: Range<UInt64> = 100_000..<100_500, in cache: RecordCache) throws -> Int {
        try numbers.filter { cache.lookup(try record($0).digest).isAbsent }.count
    }

    @Test func `A27 with the digests known, unknown keys cost no load, and each key there is is found`() async throws {
        let all = try records(0..<500)
        #expect(try absent(in: cache) == 0)
        await gather(all, into: cache)
        #expect(cache.isKnown && !cache.isComplete && cache.count == 0)
        #expect(try absent(in: cache) > 480)
        for record in all { #expect(try await cache.load([record.digest], from: source) === record) }
        #expect(all.allSatisfy { cache.lookup($0.digest).record === $0 })
    }

    @Test func `A27 a digest of another pepper is never taken for absent`() async throws {
        let pepper = try #require(Pepper(id: "one", secret: Array(repeating: 7, count: 32)))
        let record = try KeyFixture(number: 1, peppers: Peppers(current: pepper, retired: [])).record()
        // The index that is read holds no peppers.
        let named = try #require(StoredDigest(bytes: record.digest.bytes, pepperID: nil))
        await cache.gather(expecting: 1) { insert in insert(named) }
        #expect(cache.lookup(record.digest).isMiss && cache.isKnown)
    }

    @Test func `A27 a key created later is found`() async throws {
        await gather(try records(0..<100), into: cache)
        for created in try records(200..<300) {
            cache.apply([.key(created.digest)])
            #expect(cache.lookup(created.digest).isMiss)
            #expect(try await cache.load([created.digest], from: source) === created)
        }
        #expect(cache.isKnown)
    }

    @Test func `A27 what is created while the digests are read is found, whether they hold it or not`() async throws {
        let (all, created) = (try records(0..<100), try records(200..<210))
        let cache = cache
        await cache.gather(expecting: 100) { insert in
            for record in all.prefix(50) { insert(record.digest) }
            cache.apply(created.map { .key($0.digest) })
            for record in all.dropFirst(50) { insert(record.digest) }
        }
        #expect(cache.isKnown && (all + created).allSatisfy { cache.lookup($0.digest).isMiss })
    }

    @Test func `A27 what was known counts until the digests have been read again, and grows meanwhile`() async throws {
        let all = try records(0..<100)
        await gather(all, into: cache)
        let created = try record(200)
        let cache = cache
        await cache.gather(expecting: 100) { insert in
            cache.apply([.key(created.digest)])
            #expect(cache.isKnown && cache.lookup(created.digest).isMiss)
            for record in all { insert(record.digest) }
        }
        #expect(cache.lookup(created.digest).isMiss)
        #expect(try absent(in: cache) > 480)
    }

    @Test func `A27 a record loaded before its creation was heard of is found after it had to go`() async throws {
        let small = RecordCache(capacityInBytes: 16 << 10, shards: 1)
        await gather(try records(0..<10), into: small)
        let created = try record(500)
        source.put(created)
        // Another node's, which this one has not heard of yet: loaded through another of its forms.
        _ = try await small.load([created.digest], from: source)
        for other in try records(10..<200) { _ = try await small.load([other.digest], from: source) }
        #expect(small.lookup(created.digest).isMiss)
    }

    @Test func `A27 eviction does not end what is known`() async throws {
        let small = RecordCache(capacityInBytes: 64 << 10, shards: 1)
        let all = try records(0..<300)
        await small.fill { insert in all.prefix(20).forEach(insert) }
        #expect(small.isComplete)
        let changed = all[7]
        small.apply([.key(changed.digest)])
        for created in all.dropFirst(20) {
            small.apply([.key(created.digest)])
            _ = try await small.load([created.digest], from: source)
        }
        #expect(!small.isComplete && small.isKnown && small.byteCount <= 64 << 10)
        #expect(small.count < 200)
        #expect(all.allSatisfy { !small.lookup($0.digest).isAbsent })
        // Made for few at the first eviction, so it is crowded, and to be made anew.
        #expect(small.isCrowded)
        await gather(all, into: small)
        #expect(!small.isCrowded)
        #expect(all.allSatisfy { !small.lookup($0.digest).isAbsent })
        #expect(try absent(in: small) > 480)
    }

    @Test func `A27 more changes than are remembered do not end what is known`() async throws {
        let all = try records(0..<100)
        let one = RecordCache(capacityInBytes: 4 << 20, shards: 1)
        await one.fill { insert in all.forEach(insert) }
        let created = try (1_000..<6_000).map { try record($0).digest }
        one.apply(created.map { .key($0) })
        #expect(!one.isComplete && one.isKnown)
        #expect((created + all.map(\.digest)).allSatisfy { !one.lookup($0).isAbsent })
        #expect(try absent(in: one) > 450)
    }

    @Test func `A27 a record too large to be kept does not end what is known`() async throws {
        let small = RecordCache(capacityInBytes: 16 << 10, shards: 1)
        let all = try records(0..<10)
        await small.fill { insert in all.forEach(insert) }
        let large = try KeyFixture(number: 20, name: String(repeating: "n", count: 20_000)).record()
        source.put(large)
        small.apply([.key(large.digest)])
        #expect(try await small.load([large.digest], from: source) === large)
        #expect(small.isKnown && small.lookup(large.digest).isMiss)
        #expect(all.allSatisfy { small.lookup($0.digest).record === $0 })
    }

    @Test func `A8 everything invalidated makes an end of what is known, and of a reading that goes on`() async throws {
        let all = try records(0..<10)
        let cache = cache
        await gather(all, into: cache)
        cache.apply([.everything])
        #expect(!cache.isKnown)
        #expect(try absent(in: cache) == 0)
        await cache.gather(expecting: 10) { insert in
            #expect(cache.isFilling)
            for record in all { insert(record.digest) }
            cache.apply([.everything])
            #expect(!cache.isFilling)
        }
        #expect(!cache.isKnown)
        #expect(try absent(in: cache) == 0)
    }

    @Test func `A27 a reading that fails leaves what was known, and no bytes behind`() async throws {
        let all = try records(0..<10)
        await gather(all, into: cache)
        let bytes = cache.byteCount
        let cache = cache
        await #expect(throws: TestSource.Unreachable.self) {
            try await cache.gather(expecting: 10_000) { insert async throws in
                insert(all[0].digest)
                throw TestSource.Unreachable()
            }
        }
        #expect(cache.isKnown && !cache.isFilling && cache.byteCount == bytes)
        #expect(all.allSatisfy { cache.lookup($0.digest).isMiss })
    }

    @Test func `A27 the filter counts among the bytes, and takes a quarter of them at most`() async throws {
        let small = RecordCache(capacityInBytes: 256 << 10, shards: 1)
        let all = try records(0..<1_500)
        for record in all { _ = try await small.load([record.digest], from: source) }
        let before = small.count
        await small.gather(expecting: 1_000_000) { insert in
            #expect(small.byteCount <= 256 << 10)
            for record in all { insert(record.digest) }
        }
        #expect(small.isKnown && small.byteCount <= 256 << 10)
        #expect(small.count < before && small.count > before / 2)
        #expect(!small.isCrowded)
    }

    @Test func `A8 creations, changes and loads in a storm never make a key that exists absent`() async throws {
        let small = RecordCache(capacityInBytes: 64 << 10, shards: 4)
        let all = try (0..<2_000).map { try record($0) }
        let source = source
        let committed = Tally(0)
        let created = Tally(0)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for (number, record) in all.enumerated() {
                    source.put(record)
                    committed.change { $0 = number + 1 }
                    small.apply([.key(record.digest)])
                    created.change { $0 = number + 1 }
                    if number.isMultiple(of: 50) { await Task.yield() }
                }
            }
            group.addTask {
                while created.value < all.count {
                    await small.gather(expecting: 100) { insert in
                        for record in all.prefix(committed.value) { insert(record.digest) }
                        await Task.yield()
                    }
                    await Task.yield()
                }
            }
            for seed in UInt64(1)...2 {
                group.addTask {
                    var random = SeededRandom(seed: seed)
                    while created.value < all.count {
                        let known = created.value
                        if known > 0 {
                            let record = all[Int.random(in: 0..<known, using: &random)]
                            if small.lookup(record.digest).isAbsent { Issue.record("a key that exists is absent") }
                            if random.next() % 8 == 0 { small.apply([.key(record.digest)]) }
                            _ = try? await small.load([record.digest], from: source)
                        }
                        await Task.yield()
                    }
                }
            }
        }
        #expect(small.byteCount <= 64 << 10)
        #expect(all.allSatisfy { !small.lookup($0.digest).isAbsent })
    }
}
