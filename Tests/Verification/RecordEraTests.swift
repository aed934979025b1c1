import Foundation
import Testing

@testable import KeybearerVerification

@Suite(.timeLimit(.minutes(5))) struct RecordEraTests {
    /// Whoever was handed a record reads it as it was, whatever becomes of it and of its table.
    @Test func `A43 a record that was handed out outlives its place in the table`() throws {
        weak var block: KeyRecord.Block?
        var held: [KeyRecord] = []
        do {
            var table = RecordTable(seed: 3)
            for number in UInt64(1)...40 {
                table.insert(try KeyFixture(number: number, name: "Key \(number)").record(), window: .none)
            }
            for number in UInt64(1)...40 {
                let found = table.find(try KeyFixture(number: number).record().digest)
                let position = try #require(found)
                held.append(table.record(at: position))
                // Some leave one by one, some at once, and some with the table.
                if number.isMultiple(of: 3) { _ = table.remove(at: position) }
                if number == 20 { table.removeAll() }
                if number == 20 {
                    for number in UInt64(21)...40 {
                        table.insert(try KeyFixture(number: number, name: "Key \(number)").record(), window: .none)
                    }
                }
            }
            block = held[0].own.block.takeUnretainedValue()
        }
        #expect(held.map(\.name) == (1...40).map { "Key \($0)" })
        #expect(block != nil)
        held = []
        #expect(block == nil, "nobody holds it any more")
    }

    /// More threads than a table has eras, each of which is handed the same record.
    @Test func `A43 what several threads were handed stays until the last has done with it`() async throws {
        let shared = Guarded(RecordTable(seed: 6))
        let digest = try KeyFixture(name: "Everybody's").record().digest
        try shared.withLock { $0.insert(try KeyFixture(name: "Everybody's").record(), window: .none) }
        weak var block: KeyRecord.Block?
        var held: [KeyRecord] = []
        for _ in 0..<6 {
            let handed = await Self.onThread {
                shared.withLock { table in table.find(digest).map { table.record(at: $0) } }
            }
            held.append(try #require(handed))
        }
        block = held[0].own.block.takeUnretainedValue()
        shared.withLock { table in
            if let position = table.find(digest) { _ = table.remove(at: position) }
        }
        while !held.isEmpty {
            #expect(block != nil)
            #expect(held.last?.name == "Everybody's")
            held.removeLast()
        }
        #expect(block == nil, "nobody holds it any more")
    }

    /// A thread of its own, which therefore has a number of its own.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }

    @Test func `A43 what nobody was handed goes at once`() throws {
        var table = RecordTable(seed: 4)
        table.insert(try KeyFixture().record(), window: .none)
        let found = table.find(try KeyFixture().record().digest)
        let position = try #require(found)
        weak let block = table.record(at: position).own.block.takeUnretainedValue()
        #expect(block != nil)
        _ = table.remove(at: position)
        #expect(block == nil)
    }

    @Test func `A43 a long row of eras ends without a deep one`() throws {
        var table = RecordTable(seed: 5)
        let record = try KeyFixture().record()
        table.insert(record, window: .none)
        let found = table.find(record.digest)
        var first: KeyRecord? = table.record(at: try #require(found))
        for _ in 0..<200_000 {
            guard let position = table.find(record.digest) else { break }
            _ = table.remove(at: position)
            table.insert(record, window: .none)
        }
        #expect(first?.name == record.name)
        first = nil
    }

    @Test func `A27 calls of keys that leave before the drain are counted`() async throws {
        let bench = try Bench()
        let fixtures = (UInt64(1)...30).map { KeyFixture(number: $0) }
        for fixture in fixtures { bench.source.put(try fixture.record()) }
        for round in 1...2 {
            for fixture in fixtures {
                for _ in 0..<2 { #expect(try await bench.verify(fixture).verdict == .valid) }
            }
            // The first round's keys leave, in another hour than they called in.
            if round == 1 { bench.clock.set(noon.adding(seconds: 3_700)) }
        }
        for fixture in fixtures { bench.cache.apply([.key(try fixture.record().digest)]) }
        let batch = bench.meter.drain()
        #expect(batch.hourly.reduce(0) { $0 + $1.count } == 120)
        #expect(Set(batch.lastUsed.map(\.key)).count == 30)
    }
}
