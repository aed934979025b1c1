import KeybearerVerification
import Testing

@Suite struct UsageMeterTests {
    private let meter = UsageMeter()

    @Test func `A26 outcomes are summed by key, hour and verdict`() throws {
        let record = try KeyFixture().record()
        for second in [0, 1, 3599, 3600] as [Int64] {
            meter.record(.valid, of: record, asked: nil, address: nil, at: noon.adding(seconds: second))
        }
        meter.record(.expired, of: record, asked: nil, address: nil, at: noon)
        let batch = meter.drain()
        let counts = batch.hourly.map { "\($0.hourStart.seconds - noon.seconds) \($0.verdict.rawValue) \($0.count)" }
        #expect(counts.sorted() == ["0 expired 1", "0 valid 3", "3600 valid 1"])
        #expect(batch.hourly.allSatisfy { $0.key == record.id && $0.organization == record.organization.id })
        #expect(meter.drain().isEmpty)
    }

    @Test func `Z11 last use is the newest valid call, with its address`() throws {
        let record = try KeyFixture().record()
        let (first, second) = (try address("203.0.113.1"), try address("203.0.113.2"))
        meter.record(.valid, of: record, asked: nil, address: second, at: noon.adding(seconds: 5))
        meter.record(.valid, of: record, asked: nil, address: first, at: noon)
        meter.record(.expired, of: record, asked: nil, address: first, at: noon.adding(seconds: 9))
        let expected = LastUse(record, at: noon.adding(seconds: 5), address: second)
        #expect(meter.drain().lastUsed.map(LastUse.init) == [expected])
    }

    @Test func `Z11 the use of a granted permission is told as it was granted`() throws {
        let record = try KeyFixture(granted: ["billing:pay", "project:*"]).record()
        meter.record(.valid, of: record, asked: try permission("project/p1:deploy"), address: nil, at: noon)
        meter.record(
            .valid, of: record, asked: try permission("project:read"), address: nil, at: noon.adding(seconds: 7200))
        meter.record(
            .insufficientPermissions, of: record, asked: try permission("audit:read"), address: nil, at: noon)
        let used = meter.drain().permissionUse
        #expect(used.map(\.permission) == ["project:*"])
        #expect(used.map(\.hourStart) == [noon.adding(seconds: 7200)])
    }

    @Test func `A28 only the last twenty denials of a key are kept, oldest first`() throws {
        let record = try KeyFixture().record()
        let asked = try permission("audit:read")
        for second in 0..<1_000 as Range<Int64> {
            meter.record(
                .insufficientPermissions, of: record, asked: asked, address: try address("203.0.113.9"),
                at: noon.adding(seconds: second))
        }
        let denials = meter.drain().denials
        #expect(denials.map(\.at) == (980..<1_000 as Range<Int64>).map { noon.adding(seconds: $0) })
        #expect(denials.allSatisfy { $0.permission == "audit:read" && $0.verdict == .insufficientPermissions })
        #expect(denials.first?.address?.description == "203.0.113.9")
    }

    @Test func `A28 unknown keys leave nothing but totals`() throws {
        for _ in 0..<100 { meter.record(.notFound) }
        meter.record(.malformed)
        meter.record(.valid, of: try KeyFixture().record(), asked: nil, address: nil, at: noon)
        #expect(meter.totals[.notFound] == 100 && meter.totals[.malformed] == 1 && meter.totals[.valid] == 1)
        #expect(meter.totals.count == Verdict.allCases.count)
        #expect(meter.drain().hourly.map(\.verdict) == [.valid])
        #expect(meter.totals[.notFound] == 100, "a drain resets no total")
    }

    @Test func `A28 every verdict has a counter of its own`() throws {
        let record = try KeyFixture().record()
        for (index, verdict) in Verdict.allCases.enumerated() {
            for _ in 0...index { meter.record(verdict, of: record, asked: nil, address: nil, at: noon) }
        }
        let batch = meter.drain()
        for (index, verdict) in Verdict.allCases.enumerated() {
            #expect(meter.totals[verdict] == UInt64(index + 1))
            #expect(batch.hourly.filter { $0.verdict == verdict }.map(\.count) == [index + 1])
        }
    }

    @Test func `A28 a meter that nobody drains stays bounded`() throws {
        let record = try KeyFixture().record()
        for hour in 0..<1_000 as Range<Int64> {
            meter.record(.valid, of: record, asked: nil, address: nil, at: noon.adding(seconds: hour * 3600))
        }
        let hours = meter.drain().hourly.map(\.hourStart)
        #expect(hours.count == 48 && hours.last == noon.adding(seconds: 999 * 3600))
    }

    @Test func `A26 every outcome is counted once while threads count and one drains`() async throws {
        let record = try KeyFixture().record()
        let meter = meter
        let drained = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<5_000 { meter.record(.valid, of: record, asked: nil, address: nil, at: noon) }
                    return 0
                }
            }
            group.addTask {
                var sum = 0
                for _ in 0..<200 {
                    sum += meter.drain().hourly.reduce(0) { $0 + $1.count }
                    await Task.yield()
                }
                return sum
            }
            return await group.reduce(0, +)
        }
        let rest = meter.drain().hourly.reduce(0) { $0 + $1.count }
        #expect(drained + rest == 20_000 && meter.totals[.valid] == 20_000)
    }
}

/// The part of a `KeybearerVerification.LastUse` that these tests compare.
private struct LastUse: Equatable {
    let key: KeyID
    let at: Timestamp
    let address: IPAddress?

    init(_ record: KeyRecord, at: Timestamp, address: IPAddress?) {
        (key, self.at, self.address) = (record.id, at, address)
    }

    init(_ use: KeybearerVerification.LastUse) { (key, at, address) = (use.key, use.at, use.address) }
}
