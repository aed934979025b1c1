import Testing

@testable import KeybearerVerification

@Suite(.timeLimit(.minutes(5))) struct RecordCacheTests {
    private let source = TestSource()

    private func cache(_ bytes: Int = 1 << 20, absent: Int = 1024, shards: Int = 4) -> RecordCache {
        RecordCache(capacityInBytes: bytes, absentCapacity: absent, loadDeadline: .seconds(20), shards: shards)
    }

    @Test func `A43 what was loaded is found, and what is not there is known not to be`() async throws {
        let cache = cache()
        let record = try KeyFixture(number: 1).record()
        let other = try KeyFixture(number: 2).record().digest
        source.put(record)
        #expect(cache.lookup(record.digest).isMiss && cache.lookup(other).isMiss)
        #expect(try await cache.load([record.digest], from: source)?.id == record.id)
        #expect(try await cache.load([other], from: source) == nil)
        #expect(cache.lookup(record.digest).record === record && cache.lookup(other).isAbsent)
        #expect(cache.count == 1 && cache.byteCount > 0 && source.reads == 2)
    }

    @Test func `A27 records stay within the bound of bytes, and what is used stays longest`() async throws {
        let cache = cache(64 << 10, shards: 1)
        let favourite = try KeyFixture(number: 0).record()
        source.put(favourite)
        _ = try await cache.load([favourite.digest], from: source)
        for number in UInt64(1)...500 {
            let record = try KeyFixture(number: number).record()
            source.put(record)
            _ = try await cache.load([record.digest], from: source)
            #expect(cache.lookup(favourite.digest).record === favourite)
            #expect(cache.byteCount <= 64 << 10)
        }
        #expect(cache.count > 30 && cache.count < 100)
    }

    @Test func `A27 a record larger than its share is answered but not kept`() async throws {
        let cache = cache(4096, shards: 1)
        let record = try KeyFixture(name: String(repeating: "n", count: 5000)).record()
        source.put(record)
        #expect(try await cache.load([record.digest], from: source) === record)
        #expect(cache.count == 0 && cache.byteCount == 0)
    }

    @Test func `A27 unknown digests are remembered up to a number, the newest of them`() async throws {
        let cache = cache(absent: 100, shards: 1)
        var digests: [StoredDigest] = []
        for number in UInt64(0)..<1_000 {
            digests.append(Peppers.none.seal(try KeyFixture(number: number).digest()))
            _ = try await cache.load([digests[Int(number)]], from: source)
        }
        #expect(digests.filter { cache.lookup($0).isAbsent } == Array(digests.suffix(100)))
    }

    @Test func `A27 a new key's digest stops being absent when it is invalidated`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        _ = try await cache.load([record.digest], from: source)
        #expect(cache.lookup(record.digest).isAbsent)
        source.put(record)
        cache.apply([.key(record.digest)])
        #expect(cache.lookup(record.digest).isMiss)
        #expect(try await cache.load([record.digest], from: source) === record)
    }

    @Test func `H7 invalidating an organization leaves the others`() async throws {
        let cache = cache()
        let records = try (UInt64(0)..<20).map { try KeyFixture(number: $0, organizationNumber: $0 % 2).record() }
        for record in records {
            source.put(record)
            _ = try await cache.load([record.digest], from: source)
        }
        cache.apply([.organization(identifier(1))])
        for record in records {
            #expect(cache.lookup(record.digest).isMiss == (record.organization.id == identifier(1)))
        }
        cache.apply([.everything])
        #expect(records.allSatisfy { cache.lookup($0.digest).isMiss } && cache.count == 0 && cache.byteCount == 0)
    }

    @Test func `A27 concurrent misses of one digest share one load`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        source.put(record)
        let gate = Gate()
        source.beforeAnswer { await gate.wait() }
        let source = source
        let found = try await withThrowingTaskGroup(of: KeyRecord?.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.load([record.digest], from: source) } }
            try await until { source.reads == 1 }
            await Task.yield()
            gate.open()
            return try await group.reduce(into: 0) { $0 += $1 === record ? 1 : 0 }
        }
        #expect(found == 100 && source.reads == 1)
    }

    /// The change is committed and applied to memory while a load that read the old row is under way.
    @Test(arguments: [0, 1, 2, 3])
    func `A8 a load that began before a change neither puts back what it read nor is joined after it`(
        kind: Int
    ) async throws {
        let cache = cache()
        let (old, new) = (try KeyFixture().record(), try KeyFixture(isRevoked: true).record())
        source.put(old)
        let gate = Gate()
        source.beforeAnswer { await gate.wait() }
        let source = source
        async let early = cache.load([old.digest], from: source)
        try await until { source.reads == 1 }

        source.put(new)
        switch kind {
        case 0: cache.apply([.key(old.digest)])
        case 1: cache.apply([.organization(old.organization.id)])
        case 2: cache.apply([.everything])
        default: cache.deny(old.digest)
        }
        source.beforeAnswer {}
        #expect(try await cache.load([old.digest], from: source) === new, "joined the load that had read the old row")
        gate.open()
        #expect(try await early === old)
        if kind == 3 {
            #expect(cache.lookup(old.digest).isDenied)
        } else {
            #expect(cache.lookup(old.digest).record === new)
        }
        #expect(source.reads == 2)
    }

    @Test func `A27 a load that was overtaken leaves the one that took its place to be shared`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        source.put(record)
        let (first, second) = (Gate(), Gate())
        let source = source
        source.beforeAnswer { await first.wait() }
        async let early = cache.load([record.digest], from: source)
        try await until { source.reads == 1 }
        cache.apply([.key(record.digest)])
        source.beforeAnswer { await second.wait() }
        async let late = cache.load([record.digest], from: source)
        try await until { source.reads == 2 }
        first.open()
        #expect(try await early === record)
        async let later = cache.load([record.digest], from: source)
        // Long enough for a third read to show, were there one.
        try await Task.sleep(for: .milliseconds(20))
        second.open()
        #expect(try await late === record)
        #expect(try await later === record)
        #expect(source.reads == 2)
    }

    @Test func `A8 absence that was read before a creation is not put back after it`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        let gate = Gate()
        source.beforeAnswer { await gate.wait() }
        let source = source
        async let early = cache.load([record.digest], from: source)
        try await until { source.reads == 1 }
        source.put(record)
        cache.apply([.key(record.digest)])
        gate.open()
        #expect(try await early == nil)
        #expect(cache.lookup(record.digest).isMiss)
    }

    @Test func `A23 a change of a record under a retired pepper reaches loads under all its forms`() async throws {
        let old = try #require(Pepper(id: "old", secret: Array(repeating: 1, count: 32)))
        let new = try #require(Pepper(id: "new", secret: Array(repeating: 2, count: 32)))
        let cache = cache(shards: 64)
        let candidates = Peppers(current: new, retired: [old]).candidates(try KeyFixture().digest())
        let stored = Peppers(current: old, retired: [])
        let (before, after) = (
            try KeyFixture(peppers: stored).record(), try KeyFixture(isRevoked: true, peppers: stored).record()
        )
        source.put(before)
        let gate = Gate()
        source.beforeAnswer { await gate.wait() }
        let source = source
        async let early = cache.load(candidates, from: source)
        try await until { source.reads == 1 }
        source.put(after)
        cache.apply([.key(before.digest)])
        source.beforeAnswer {}
        #expect(try await cache.load(candidates, from: source) === after)
        gate.open()
        #expect(try await early === before)
        #expect(cache.lookup(before.digest).record === after)
    }

    @Test func `R2 a load has a deadline of its own, even where the source never returns`() async throws {
        let cache = RecordCache(capacityInBytes: 1 << 20, loadDeadline: .milliseconds(50))
        let gate = Gate()
        source.beforeAnswer { await gate.wait() }
        let digest = try KeyFixture().record().digest
        await #expect(throws: LoadError.deadlineExceeded) { try await cache.load([digest], from: source) }
        #expect(cache.lookup(digest).isMiss)
        // The next request does not wait for the one that hangs.
        await #expect(throws: LoadError.deadlineExceeded) { try await cache.load([digest], from: source) }
        #expect(source.reads == 2)
        gate.open()
    }

    @Test func `R2 a source that fails is an error, and nothing is remembered of it`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        source.put(record)
        source.breakDown()
        await #expect(throws: TestSource.Unreachable.self) { try await cache.load([record.digest], from: source) }
        #expect(cache.lookup(record.digest).isMiss)
        source.breakDown(false)
        #expect(try await cache.load([record.digest], from: source) === record)
    }

    @Test func `A43 a record that the source returns under another digest is refused`() async throws {
        struct Confused: KeyRecordSource {
            let record: KeyRecord
            func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?] { names.map { _ in record } }
        }
        let cache = cache()
        let (asked, other) = (try KeyFixture(number: 1).record(), try KeyFixture(number: 2).record())
        await #expect(throws: LoadError.wrongRecord) {
            try await cache.load([asked.digest], from: Confused(record: other))
        }
        #expect(cache.lookup(asked.digest).isMiss && cache.count == 0)
    }

    @Test func `A8 a denied key stays denied until it is invalidated by name`() async throws {
        let cache = cache()
        let record = try KeyFixture().record()
        source.put(record)
        _ = try await cache.load([record.digest], from: source)
        cache.deny(record.digest)
        #expect(cache.lookup(record.digest).isDenied && cache.count == 0)
        _ = try await cache.load([record.digest], from: source)
        cache.apply([.organization(record.organization.id), .everything])
        #expect(cache.lookup(record.digest).isDenied)
        cache.apply([.key(record.digest)])
        #expect(cache.lookup(record.digest).isMiss)
    }

    @Test func `A8 changes and loads in a storm never leave an old record behind`() async throws {
        let cache = cache(shards: 4)
        let source = source
        let versions = Tally(Array(repeating: 0, count: 8))
        for number in UInt64(0)..<8 { source.put(try KeyFixture(number: number, name: "0").record()) }
        source.beforeAnswer { await Task.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    for round in 1...400 {
                        // Each writer has its own keys, so that versions only grow.
                        let number = round % 4 * 2 + writer
                        let record = try KeyFixture(number: UInt64(number), name: String(round)).record()
                        source.put(record)
                        cache.apply([.key(record.digest)])
                        versions.change { $0[number] = round }
                        await Task.yield()
                    }
                }
            }
            for reader in 0..<4 {
                group.addTask {
                    for round in 0..<2_000 {
                        let number = (round + reader) % 8
                        let returned = versions.value[number]
                        let digest = Peppers.none.seal(try KeyFixture(number: UInt64(number)).digest())
                        let known = cache.lookup(digest).record
                        let record = if let known { known } else { try await cache.load([digest], from: source) }
                        let seen = try #require(Int(record?.name ?? ""))
                        if seen < returned { Issue.record("saw \(seen) after \(returned) had returned") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension RecordCache.Lookup {
    var record: KeyRecord? { if case .hit(let record) = self { record } else { nil } }
    var isMiss: Bool { if case .miss = self { true } else { false } }
    var isAbsent: Bool { if case .absent = self { true } else { false } }
    var isDenied: Bool { if case .denied = self { true } else { false } }
}

/// Holds back whoever waits, cancelled or not, until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Guarded(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

func until(_ isTrue: @Sendable () -> Bool) async throws {
    while !isTrue() { try await Task.sleep(for: .milliseconds(1)) }
}
