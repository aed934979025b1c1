import KeybearerVerification
import Synchronization
import Testing

@testable import KeybearerAdministration

@Suite struct UsagePacingTests {
    /// Moves only when it is told to, or slept by.
    private final class TestClock: Clock {
        struct Instant: InstantProtocol {
            var offset: Duration

            func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
            func duration(to other: Instant) -> Duration { other.offset - offset }
            static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
        }

        private let time = Mutex(Instant(offset: .zero))

        var now: Instant { time.withLock { $0 } }
        var minimumResolution: Duration { .nanoseconds(1) }

        func pass(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            try Task.checkCancellation()
            time.withLock { $0 = max($0, deadline) }
        }
    }

    private static func backlog(_ denials: Int) -> UsageBacklog {
        var random = SystemRandomNumberGenerator()
        let now = Timestamp(seconds: 1_790_000_000)
        var batch = UsageBatch()
        batch.denials = (0..<denials).map { _ in
            Denial(
                key: KeyID(at: now, using: &random), organization: OrganizationID(at: now, using: &random), at: now,
                verdict: .expired, address: nil, permission: nil)
        }
        let backlog = UsageBacklog()
        backlog.add(batch)
        return backlog
    }

    @Test func `counts are written in a tenth of the time, however long each writing takes`() async {
        let clock = TestClock()
        let written = Mutex((rows: 0, time: Duration.zero))
        await Self.backlog(10_250).empty(gently: true, by: clock) { part in
            let time = Duration.milliseconds(Int.random(in: 1...400))
            written.withLock { $0 = ($0.rows + part.denials.count, $0.time + time) }
            #expect((1...500).contains(part.denials.count))
            clock.pass(time)
        }
        let (rows, time) = written.withLock { $0 }
        #expect(rows == 10_250 && time * 10 == clock.now.offset)
    }

    @Test func `parts come in the order of keys, and of a key's denials the newest last`() async {
        var random = SystemRandomNumberGenerator()
        let now = Timestamp(seconds: 1_790_000_000)
        let organization = OrganizationID(at: now, using: &random)
        let keys = (0..<700).map { _ in KeyID(at: now, using: &random) }
        var batch = UsageBatch()
        for round in 0..<2 {
            batch.denials += keys.map { key in
                Denial(
                    key: key, organization: organization, at: now.adding(seconds: Int64(round)), verdict: .expired,
                    address: nil, permission: nil)
            }
        }
        let backlog = UsageBacklog()
        backlog.add(batch)
        let written = Mutex<[Denial]>([])
        await backlog.empty(gently: false, by: TestClock()) { part in
            written.withLock { $0 += part.denials }
        }
        let wanted = keys.sorted().flatMap { [$0, $0] }
        let denials = written.withLock { $0 }
        #expect(denials.map(\.key) == wanted)
        #expect(denials.map(\.at) == wanted.indices.map { now.adding(seconds: Int64($0 % 2)) })
    }

    @Test func `at the end of the program the rest is left to the last writing, which makes no pauses`() async {
        let clock = TestClock()
        let rows = Mutex(0)
        let backlog = Self.backlog(2_000)
        let writing = Task {
            await backlog.empty(gently: true, by: clock) { part in
                rows.withLock { $0 += part.denials.count }
                clock.pass(.milliseconds(5))
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await writing.value
        #expect(rows.withLock { $0 } == 500)
        await backlog.empty(gently: false, by: clock) { part in
            rows.withLock { $0 += part.denials.count }
            clock.pass(.milliseconds(5))
        }
        #expect(rows.withLock { $0 } == 2_000 && clock.now.offset == .milliseconds(20))
    }
}
