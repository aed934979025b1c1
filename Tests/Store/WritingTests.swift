import Foundation
import KeybearerAdministration
import KeybearerVerification
import Synchronization
import Testing

@testable import KeybearerStore

/// What happens where several write, read or wait at once.
@Suite struct `Writes that arrive together` {
    private struct Refused: Error {}

    private final class Seen: Sendable { let value = Mutex<[Bool]>([]) }

    /// Holds the writer until all bodies wait for it, and returns what they came to.
    private static func together(
        _ database: SQLiteDatabase, _ bodies: [@Sendable (any Connection) throws -> Int64]
    ) async throws -> [Result<Int64, any Error>] {
        let (held, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        return try await withThrowingTaskGroup(of: (Int, Result<Int64, any Error>)?.self) { group in
            group.addTask {
                try await database.write { _ in
                    held.signal()
                    gate.wait()
                }
                return nil
            }
            while held.wait(timeout: .now()) == .timedOut { await Task.yield() }
            for (index, body) in bodies.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await database.write(body)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
                while database.queue.count <= index { await Task.yield() }
            }
            gate.signal()
            var results = [Result<Int64, any Error>](repeating: .failure(Refused()), count: bodies.count)
            for try await case let (index, result)? in group { results[index] = result }
            return results
        }
    }

    private static func rename(_ connection: any Connection, _ key: APIKey, _ name: String) throws {
        try connection.run("UPDATE api_key SET name = $2 WHERE id = $1", [.text(key.id), SQLValue.text(name)])
    }

    private static func name(_ connection: any Connection, _ key: APIKey) throws -> String? {
        try connection.row("SELECT name FROM api_key WHERE id = $1", [.text(key.id)])?.text(0)
    }

    @Test func `do not wait for a long log, which is copied into the file behind them`() async throws {
        let fixture = try await StoreFixture()
        let keys = try (0..<200).map { try fixture.key("key \($0)") }
        _ = try await fixture.store.commit { _ in Prepared(keys.map { .insertKey($0) }, ()) }
        let database = fixture.database
        for round in 0..<100 {
            try await database.write { connection in
                for key in keys { try Self.rename(connection, key, "\(round) \(String(repeating: "x", count: 400))") }
            }
        }
        // Some 40 pages a commit, of which the log would keep every one if nobody copied them.
        let log = try FileManager.default.attributesOfItem(atPath: "\(database.path)-wal")[.size] as? Int
        #expect(try #require(log) < 8 << 20, "\(log ?? 0) bytes")
    }

    @Test func `do not keep who only looks, and are kept by who does until they have`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key("before")
        try await fixture.write(.insertKey(key))
        let database = fixture.database
        let (held, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let written: Void = database.write { connection in
            try Self.rename(connection, key, "after")
            held.signal()
            gate.wait()
        }
        while held.wait(timeout: .now()) == .timedOut { await Task.yield() }
        #expect(try await database.glance { try Self.name($0, key) } == "before")
        gate.signal()
        try await written
        async let looked = database.glance { connection in
            held.signal()
            gate.wait()
            return try Self.name(connection, key)
        }
        while held.wait(timeout: .now()) == .timedOut { await Task.yield() }
        async let last: Void = database.write { try Self.rename($0, key, "last") }
        while database.queue.count == 0 { await Task.yield() }
        gate.signal()
        #expect(try await looked == "after")
        try await last
        #expect(try await database.glance { try Self.name($0, key) } == "last")
    }

    @Test func `leave the writer free after a look that fails`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key("one")
        try await fixture.write(.insertKey(key))
        await #expect(throws: Refused.self) { try await fixture.database.glance { _ in throw Refused() } }
        try await fixture.database.write { try Self.rename($0, key, "other") }
        #expect(try await fixture.database.glance { try Self.name($0, key) } == "other")
    }

    @Test func `are one commit, each sees those before it, and one that is refused leaves nothing behind`() async throws
    {
        let fixture = try await StoreFixture()
        let (one, other) = (try fixture.key("one"), try fixture.key("other"))
        try await fixture.write(.insertKey(one), .insertKey(other))
        let watch = try CommitWatch(path: fixture.path, committing: Committing())
        let before = watch.count()
        let results = try await Self.together(
            fixture.database,
            [
                { connection in
                    try Self.rename(connection, one, "first")
                    return 1
                },
                { connection in
                    #expect(try Self.name(connection, one) == "first")
                    try Self.rename(connection, one, "refused")
                    try Self.rename(connection, other, "refused")
                    throw Refused()
                },
                { connection in
                    #expect(try Self.name(connection, one) == "first")
                    #expect(try Self.name(connection, other) == "other")
                    try Self.rename(connection, other, "third")
                    return 3
                },
            ])
        #expect(try results[0].get() == 1)
        #expect(throws: Refused.self) { try results[1].get() }
        #expect(try results[2].get() == 3)
        // The one that held the writer has written nothing.
        #expect(watch.count() == before &+ 1)
        let names = try await fixture.database.read { [try Self.name($0, one), try Self.name($0, other)] }
        #expect(names == ["first", "third"])
    }

    /// SQLite may end the transaction of all that share it, or undo the one statement.
    @Test func `are kept as they are told where one finds the disk full`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key("before")
        try await fixture.write(.insertKey(key))
        let full: @Sendable (any Connection) throws -> Int64 = { connection in
            _ = try connection.rows("PRAGMA max_page_count = 1", [])
            try Self.rename(connection, key, String(repeating: "long", count: 20_000))
            return 2
        }
        let results = try await Self.together(
            fixture.database,
            [
                { connection in
                    try Self.rename(connection, key, "first")
                    return 1
                }, full,
                { connection in
                    try Self.rename(connection, key, "third")
                    return 3
                },
            ])
        #expect(throws: (any Error).self) { try results[1].get() }
        let kept = results.map { (try? $0.get()) != nil }
        let name = try await fixture.database.read { try Self.name($0, key) }
        #expect(name == (kept[2] ? "third" : kept[0] ? "first" : "before"))
        // The file is written to as before, once there is room.
        _ = try await fixture.database.write { try $0.rows("PRAGMA max_page_count = 1000000", []) }
        try await fixture.write(.insertKey(try fixture.key("after")))
    }

    /// As SQLite does where a disk is full or cannot be written.
    @Test func `are all refused where one of them ends the transaction, and nothing of them is kept`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key("before")
        try await fixture.write(.insertKey(key))
        let results = try await Self.together(
            fixture.database,
            [
                { connection in
                    try Self.rename(connection, key, "first")
                    return 1
                },
                { connection in
                    try connection.run("ROLLBACK", [])
                    throw Refused()
                },
                { connection in
                    try Self.rename(connection, key, "third")
                    return 3
                },
            ])
        for result in results { #expect(throws: Refused.self) { try result.get() } }
        #expect(try await fixture.database.read { try Self.name($0, key) } == "before")
        try await fixture.write(.insertKey(try fixture.key("after")))
    }

    /// Told of the first, memory does not have what the second has revoked: whoever believed it would accept that key,
    /// although the file says otherwise already.
    @Test func `A38 leave memory behind until the last of them is told`() async throws {
        let fixture = try await StoreFixture()
        let (store, database) = (fixture.store, fixture.database)
        let key = try fixture.key()
        try await store.catchUp()
        #expect(store.isCurrent())
        let (held, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let seen = Seen()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await database.write { _ in
                    held.signal()
                    gate.wait()
                }
            }
            while held.wait(timeout: .now()) == .timedOut { await Task.yield() }
            group.addTask { _ = try await store.commit { _ in Prepared([.insertKey(key)], ()) } }
            while database.queue.count < 1 { await Task.yield() }
            group.addTask {
                _ = try await database.write({ _ in 0 }) { _, isLast in
                    seen.value.withLock { $0 += [isLast, store.isCurrent()] }
                }
            }
            while database.queue.count < 2 { await Task.yield() }
            gate.signal()
            try await group.waitForAll()
        }
        #expect(seen.value.withLock { $0 } == [true, false])
    }

    @Test func `A38 leave memory current, and each returns with its own revision in it`() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        try await store.catchUp()
        let keys = try (0..<40).map { try fixture.key("key \($0)") }
        try await withThrowingTaskGroup { group in
            for key in keys {
                group.addTask {
                    _ = try await store.commit { _ in Prepared([.insertKey(key)], ()) }
                    let barrier = try await store.commit { _ in Prepared([.updateKey(key)], ()) }.barrier
                    #expect(store.revision >= barrier.revision)
                }
            }
            try await group.waitForAll()
        }
        #expect(fixture.store.isCurrent())
        let elsewhere = try await StoreFixture.store(
            on: try SQLiteDatabase(path: fixture.path, mode: .local), RecordCache(capacityInBytes: 1 << 20))
        #expect(elsewhere.revision == fixture.store.revision)
    }

    /// Commits of a day stay; older ones go, though not with each commit, and never the newest.
    @Test func `leave no log behind that only grows`() async throws {
        let fixture = try await StoreFixture()
        let key = try fixture.key()
        try await fixture.write(.insertKey(key))
        let rows: @Sendable (any Connection) throws -> Int64 = {
            try $0.row("SELECT count(*) FROM change_log", [])?.integer(0) ?? 0
        }
        for _ in 0..<200 { try await fixture.write(.updateKey(key)) }
        #expect(try await fixture.database.read(rows) > 200)
        let before = fixture.store.revision
        _ = try await fixture.database.write { connection in
            try connection.run("UPDATE change_log SET at = 0", [])
            return Int64(0)
        }
        for _ in 0..<64 { try await fixture.write(.updateKey(key)) }
        #expect(try await fixture.database.read(rows) <= 64)
        #expect(fixture.store.revision == before + 64)
    }

    @Test func `do not keep readers from reading`() async throws {
        let fixture = try await StoreFixture()
        let database = fixture.database
        let (held, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup { group in
            // Alone first: who comes before it has begun would share its transaction, and fewer would wait.
            group.addTask {
                try await database.write { _ in
                    held.signal()
                    gate.wait()
                }
            }
            while held.wait(timeout: .now()) == .timedOut { await Task.yield() }
            for _ in 0..<99 { group.addTask { try await database.write { _ in gate.wait() } } }
            while database.queue.count < 99 { await Task.yield() }
            for _ in 0..<100 {
                group.addTask { _ = try await database.read { try $0.lastRevision() } }
            }
            // The readers end while every writer still waits; afterwards the writers do.
            for _ in 0..<100 { try await group.next() }
            #expect(database.queue.count == 99)
            for _ in 0..<100 { gate.signal() }
            try await group.waitForAll()
        }
    }
}

@Suite struct `Threads that may wait` {
    private final class Tally: Sendable { let value = Atomic<Int>(0) }

    @Test func `hold up none of the others, up to their number`() async {
        let threads = FileThreads(atMost: 4)
        let arrived = Tally()
        let gate = DispatchSemaphore(value: 0)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask(executorPreference: threads) {
                    arrived.value.add(1, ordering: .relaxed)
                    gate.wait()
                }
            }
            group.addTask(executorPreference: threads) {
                while arrived.value.load(ordering: .relaxed) < 3 { await Task.yield() }
                for _ in 0..<3 { gate.signal() }
            }
        }
        #expect(arrived.value.load(ordering: .relaxed) == 3)
    }

    @Test func `let only so many in at once, and all in the end`() async {
        let turns = Turns(3)
        let inside = Tally()
        let most = Tally()
        await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    await turns.take()
                    most.value.max(inside.value.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                    await Task.yield()
                    inside.value.subtract(1, ordering: .relaxed)
                    turns.end()
                }
            }
        }
        #expect((2...3).contains(most.value.load(ordering: .relaxed)))
        #expect(inside.value.load(ordering: .relaxed) == 0)
    }
}
