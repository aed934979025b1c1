import Testing

@testable import KeybearerVerification

@Suite(.timeLimit(.minutes(5))) struct RecordTableTests {
    /// A dictionary does the same with the table's every step.
    @Test(arguments: UInt64(1)...20)
    func `A43 a table finds what a dictionary finds, whatever comes and goes`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let records = try (UInt64(0)..<300).map { try KeyFixture(number: $0).record() }
        var table = RecordTable(seed: random.next())
        var model: [Int: Int] = [:]
        for step in 0..<4_000 {
            let number = Int.random(in: 0..<300, using: &random)
            let digest = records[number].digest
            // More insertions at first, more removals later.
            if model[number] == nil, Int.random(in: 0..<4_000, using: &random) > step {
                table.insert(records[number], window: RateWindow(end: 0, used: step))
                model[number] = step
            } else if let position = table.find(digest), Bool.random(using: &random) {
                let (record, window) = table.remove(at: position)
                #expect(record === records[number] && window.used == model[number])
                model[number] = nil
            }
            let found = table.find(digest).map { (table.record(at: $0), table[$0].window.used) }
            #expect(found?.0 === (model[number] == nil ? nil : records[number]) && found?.1 == model[number])
            #expect(table.count == model.count)
        }
        for (number, record) in records.enumerated() where (table.find(record.digest) == nil) != (model[number] == nil)
        {
            Issue.record("key \(number), seed \(seed)")
        }
    }

    @Test func `A43 digests that differ in any one part are told apart`() throws {
        let base = try KeyFixture().record()
        var table = RecordTable(seed: 1)
        table.insert(base, window: .none)
        for position in 0..<32 {
            var bytes = base.digest.bytes
            bytes[position] ^= 1
            let other = try #require(StoredDigest(bytes: bytes, pepperID: nil))
            if table.find(other) != nil { Issue.record("byte \(position) is not looked at") }
        }
        #expect(table.find(try #require(StoredDigest(bytes: base.digest.bytes, pepperID: "p1"))) == nil)
        #expect(table.find(base.digest) != nil)
    }

    @Test func `A27 what was used is spared once, and all goes in the end`() throws {
        let records = try (UInt64(0)..<50).map { try KeyFixture(number: $0).record() }
        var table = RecordTable(seed: 7)
        for record in records { table.insert(record, window: .none) }
        for record in records[..<25] {
            let position = table.find(record.digest)
            table.markUsed(try #require(position))
        }
        var gone: [KeyRecord] = []
        while let position = table.nextToGo() { gone.append(table.remove(at: position).record) }
        #expect(gone.count == 50 && table.count == 0)
        #expect(gone[..<25].allSatisfy { record in records[25...].contains { $0 === record } })
    }

    @Test func `A27 facts that many records share count once, and only while one of them is there`() async throws {
        let source = TestSource()
        let cache = RecordCache(capacityInBytes: 1 << 20, shards: 1)
        let first = try KeyFixture(number: 1).record()
        let second = KeyRecord(
            id: identifier(2), facts: first.facts, digest: try KeyFixture(number: 2).record().digest, name: first.name,
            preview: first.preview, isRevoked: false, isDisabled: false, expiresAt: nil, overlapEndsAt: nil,
            allowedAddresses: [], labels: [])
        source.put(first)
        source.put(second)
        _ = try await cache.load([first.digest], from: source)
        let alone = cache.byteCount
        _ = try await cache.load([second.digest], from: source)
        #expect(cache.byteCount == alone + second.byteCount)
        cache.apply([.key(first.digest)])
        #expect(cache.byteCount == alone)
        cache.apply([.key(second.digest)])
        #expect(cache.byteCount == 0)
    }

    @Test func `A27 a pool keeps facts of the same content once, and none that nobody uses`() throws {
        let pool = FactsPool()
        let kept = pool.shared(try KeyFixture(number: 1).record().facts)
        #expect(pool.shared(try KeyFixture(number: 2).record().facts) === kept)
        #expect(pool.shared(try KeyFixture(number: 1, isSuspended: true).record().facts) !== kept)
        for number in UInt64(0)..<10_000 {
            _ = pool.shared(try KeyFixture(organizationNumber: number).record().facts)
        }
        #expect(pool.count <= 2_048)
        #expect(pool.shared(try KeyFixture(number: 3).record().facts) === kept)
    }

    @Test func `A43 a record gives back what went into it`() throws {
        let labels = [(key: "env", value: "prod"), (key: "team", value: ""), (key: "ø", value: "✓")]
        let blocks = try ["203.0.113.9", "2001:db8::/32", "10.0.0.0/8"].map { try #require(CIDRBlock($0)) }
        for overlap in [nil, noon.adding(seconds: 9)] {
            for addresses in [[], blocks] {
                let record = KeyRecord(
                    id: identifier(5), facts: try KeyFixture().record().facts,
                    digest: Peppers.none.seal(KeyDigest(ofText: [1, 2, 3])), name: "Clé «deploy»", preview: "sk_a1…9f",
                    isRevoked: overlap == nil, isDisabled: overlap != nil, expiresAt: noon, overlapEndsAt: overlap,
                    allowedAddresses: addresses, labels: labels)
                #expect(record.id == identifier(5) && record.name == "Clé «deploy»" && record.preview == "sk_a1…9f")
                #expect(record.isRevoked == (overlap == nil) && record.isDisabled == (overlap != nil))
                #expect(record.expiresAt == noon && record.overlapEndsAt == overlap)
                #expect(record.allowedAddresses == addresses && record.hasLabels)
                #expect(record.labels.map { "\($0.key)=\($0.value)" } == ["env=prod", "team=", "ø=✓"])
            }
        }
    }
}
