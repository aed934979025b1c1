import Foundation
import GRDB
import KeybearerAdministration
import KeybearerVerification
import Synchronization
import Testing

@testable import KeybearerStore

/// What makes memory stale, and what must not.
@Suite struct `What memory knows of commits` {
    private static func elsewhere(_ fixture: StoreFixture) async throws -> Store {
        let other = try SQLiteDatabase(path: fixture.path, mode: .local)
        return try await StoreFixture.store(on: other, RecordCache(capacityInBytes: 1 << 20))
    }

    private static func usage(_ key: APIKey) -> UsageBatch {
        let meter = UsageMeter()
        meter.record(
            .valid, key: key.id, organization: key.organization, asked: nil, granted: nil, address: nil,
            at: StoreFixture.start)
        return meter.drain()
    }

    private static func usage(keys count: Int, of organization: OrganizationID) -> UsageBatch {
        let meter = UsageMeter()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<count {
            meter.record(
                .valid, key: KeyID(at: StoreFixture.start, using: &random), organization: organization, asked: nil,
                granted: nil, address: nil, at: StoreFixture.start)
        }
        return meter.drain()
    }

    @Test func `A38 a commit of our own leaves memory current, and so do counts`() async throws {
        let fixture = try await StoreFixture()
        try await fixture.store.catchUp()
        let key = try fixture.key()
        for round in 0..<200 {
            try await fixture.write(round == 0 ? .insertKey(key) : .updateKey(key))
            #expect(fixture.store.isCurrent(), "after commit \(round)")
            try await fixture.store.add(Self.usage(key))
            #expect(fixture.store.isCurrent(), "after counts \(round)")
        }
    }

    /// The first commit after a copied log begins that anew, which changes the index's header long before the commit is
    /// there; counts of many keys do so while they are still being written.
    @Test func `A38 memory stays current while a commit of our own begins the log anew`() async throws {
        let fixture = try await StoreFixture()
        let (store, database) = (fixture.store, fixture.database)
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        let counts = Self.usage(keys: 3_000, of: key.organization)
        try await store.add(counts)
        try await store.catchUp()
        let rounds = 20
        var disturbed = 0
        for round in 0..<rounds {
            try await database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
            let ends = Atomic(false)
            async let wasBehind = Self.onThread {
                var (asked, behind) = (0, 0)
                // Between a commit and memory's hearing of it memory is behind, but not for long.
                while !ends.load(ordering: .acquiring) {
                    asked += 1
                    if !store.isCurrent() { behind += 1 }
                }
                return behind * 4 > asked
            }
            if round.isMultiple(of: 2) { try await store.add(counts) } else { try await fixture.write(.updateKey(key)) }
            ends.store(true, ordering: .releasing)
            if await wasBehind { disturbed += 1 }
            #expect(store.isCurrent())
        }
        #expect(disturbed < rounds / 4)
    }

    private static func onThread(_ body: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in Thread { continuation.resume(returning: body()) }.start() }
    }

    @Test func `A38 counts do not hide what another has committed before them`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        let elsewhere = try await Self.elsewhere(fixture)
        for _ in 0..<50 {
            try await fixture.store.catchUp()
            _ = try await elsewhere.commit { _ in Prepared([.updateKey(key)], ()) }
            try await fixture.store.add(Self.usage(key))
            #expect(!fixture.store.isCurrent())
        }
    }

    /// Two stores on one file change the same keys at once; whoever believes its memory must know of every change
    /// that had returned before it asked.
    @Test func `A38 with two processes that commit at once, who is current knows of all that has returned`()
        async throws
    {
        let fixture = try await StoreFixture()
        let elsewhere = try await Self.elsewhere(fixture)
        let stores = [fixture.store, elsewhere]
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        try await withThrowingTaskGroup { group in
            for (number, store) in stores.enumerated() {
                group.addTask {
                    for _ in 0..<150 {
                        let revision = try await store.commit { _ in Prepared([.updateKey(key)], ()) }.barrier.revision
                        for other in stores where other !== store {
                            if other.isCurrent(), other.revision < revision {
                                Issue.record("store \(1 - number) is current without revision \(revision)")
                            }
                        }
                        if store.isCurrent(), store.revision < revision { Issue.record("its own commit is unknown") }
                    }
                }
                group.addTask {
                    for _ in 0..<150 {
                        try await store.add(Self.usage(key))
                        try await store.catchUp()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `who asks while memory is catching up is served by the next reading`() async throws {
        let fixture = try await StoreFixture()
        let elsewhere = try await Self.elsewhere(fixture)
        let store = fixture.store
        for _ in 0..<100 {
            async let earlier: Void = store.catchUp()
            let revision = try await elsewhere.commit { _ in Prepared([], ()) }.barrier.revision
            try await store.catchUp()
            #expect(store.revision >= revision)
            try await earlier
        }
    }
}
