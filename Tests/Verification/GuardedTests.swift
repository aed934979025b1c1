import Synchronization
import Testing

@testable import KeybearerVerification

@Suite struct GuardedTests {
    /// A value of two parts that agree whenever nobody is inside.
    private struct Pair {
        var first = 0
        var second = 0
    }

    /// More threads than processors, so that some of them sleep for their turn; some stay inside long enough for that.
    @Test func `A27 nobody sees a value that somebody else is changing, and no change is lost`() async {
        let pair = Shared()
        await withTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    for turn in 0..<5_000 { pair.change(slowly: (turn + number) % 500 == 0) }
                }
            }
        }
        #expect(pair.disagreements == 0 && pair.total == 40_000)
    }

    @Test func `A27 an error leaves the lock free`() {
        struct Refusal: Error {}
        let guarded = Guarded(1)
        #expect(throws: Refusal.self) {
            try guarded.withLock { (_: inout Int) throws(Refusal) in throw Refusal() }
        }
        #expect(guarded.withLock { $0 } == 1)
    }

    private final class Shared: Sendable {
        private let pair = Guarded(Pair())
        private let wrong = Atomic(0)

        var disagreements: Int { wrong.load(ordering: .relaxed) }
        var total: Int { pair.withLock { $0.second } }

        func change(slowly: Bool) {
            pair.withLock { pair in
                if pair.first != pair.second { wrong.add(1, ordering: .relaxed) }
                pair.first += 1
                var spent: UInt64 = slowly ? 200_000 : 0
                while spent > 0 { spent = spent &* 3 / 4 }
                pair.second += 1
            }
        }
    }
}
