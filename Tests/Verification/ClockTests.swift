import KeybearerVerification
import Synchronization
import Testing

@Suite struct ClockTests {
    private final class Clocks: Sendable {
        let wall = Atomic(noon.microseconds)
        let boot = Atomic<Int64>(1_000)

        func advance(_ seconds: Int64, wallSteps: Int64 = 0) {
            boot.add(seconds * 1_000_000, ordering: .relaxed)
            wall.add((seconds + wallSteps) * 1_000_000, ordering: .relaxed)
        }

        func time(notBefore floor: Timestamp) -> SystemTime {
            SystemTime(
                notBefore: floor, wall: { self.wall.load(ordering: .relaxed) },
                sinceBoot: { self.boot.load(ordering: .relaxed) })
        }
    }

    @Test func `A39 a wall clock that steps back does not take time back`() {
        let clocks = Clocks()
        let time = clocks.time(notBefore: Timestamp(seconds: 0))
        #expect(time.now() == noon)
        clocks.advance(10, wallSteps: -3600)
        #expect(time.now() == noon.adding(seconds: 10))
        clocks.advance(10)
        #expect(time.now() == noon.adding(seconds: 20))
    }

    @Test func `A39 a wall clock that steps forward is believed`() {
        let clocks = Clocks()
        let time = clocks.time(notBefore: Timestamp(seconds: 0))
        clocks.advance(1, wallSteps: 3600)
        #expect(time.now() == noon.adding(seconds: 3601))
    }

    @Test func `A39 now is never before the newest moment in the database, and runs on from it`() {
        let clocks = Clocks()
        let time = clocks.time(notBefore: noon.adding(seconds: 500))
        #expect(time.now() == noon.adding(seconds: 500))
        clocks.advance(10)
        #expect(time.now() == noon.adding(seconds: 510))
        time.raise(floor: noon.adding(seconds: 1_000))
        #expect(time.now() == noon.adding(seconds: 1_000))
        time.raise(floor: noon)
        #expect(time.now() == noon.adding(seconds: 1_000))
    }

    @Test func `A39 under random steps time only moves forward and expiry is final`() throws {
        var random = SeededRandom(seed: 39)
        let clocks = Clocks()
        let time = clocks.time(notBefore: noon)
        let record = try KeyFixture(expiresAt: noon.adding(seconds: 3_000)).record()
        var (last, hasExpired) = (time.now(), false)
        for _ in 0..<5_000 {
            let step: Int64 = Int64.random(in: -2...2, using: &random)
            clocks.advance(Int64.random(in: 0...3, using: &random), wallSteps: step)
            let now = time.now()
            #expect(now >= last)
            let isExpired = record.decide(AccessRequest(), now: now) == .expired
            #expect(isExpired || !hasExpired)
            (last, hasExpired) = (now, isExpired)
        }
        #expect(hasExpired)
    }

    @Test func `A39 the system's clock agrees with civil time and runs`() async throws {
        let clock = WallClock.system()
        let first = clock.now()
        #expect((1_750_000_000..<4_000_000_000).contains(first.seconds))
        try await Task.sleep(for: .milliseconds(20))
        let later = clock.now()
        #expect(later.microseconds - first.microseconds >= 19_000)
        #expect(WallClock.system(notBefore: later.adding(seconds: 100)).now() >= later.adding(seconds: 100))
    }

    @Test func `A39 many threads see one time that only moves forward`() async {
        let clock = WallClock.system()
        let newest = Tally(Timestamp(microseconds: 0))
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2_000 {
                        let seen = newest.value
                        let now = clock.now()
                        if now < seen { Issue.record("\(now) after \(seen)") }
                        newest.change { $0 = max($0, now) }
                    }
                }
            }
        }
    }

    @Test func `A39 time stands still within a tick, moves with the next, and never back`() {
        let clocks = Clocks()
        let tick = Atomic<Int64>(7)
        let time = SystemTime(
            notBefore: Timestamp(seconds: 0), wall: { clocks.wall.load(ordering: .relaxed) },
            sinceBoot: { clocks.boot.load(ordering: .relaxed) }, tick: { tick.load(ordering: .relaxed) })
        #expect(time.now() == noon)
        clocks.advance(3)
        #expect(time.now() == noon)
        tick.store(8, ordering: .relaxed)
        #expect(time.now() == noon.adding(seconds: 3))
        // A floor holds at once, whatever the tick.
        time.raise(floor: noon.adding(seconds: 60))
        #expect(time.now() == noon.adding(seconds: 60))
        tick.store(9, ordering: .relaxed)
        clocks.advance(1, wallSteps: -3600)
        #expect(time.now() == noon.adding(seconds: 61))
        // A tick that comes back is a tick all the same.
        tick.store(8, ordering: .relaxed)
        #expect(time.now() == noon.adding(seconds: 61))
    }
}
