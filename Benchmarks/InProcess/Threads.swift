import BenchmarkAllocations
import Foundation

/// How long work took one thread, per verification.
struct Pace {
    /// Of the thread's processor; what other programs take of it is not in it, and neither is waiting for a lock asleep.
    var processor: Double
    var wall: Double
}

/// Threads of their own, each on one processor, that begin at the same time.
enum Threads {
    /// The first two that this process may use; the same one twice where there is no second.
    static let processors = [keybearer_processor(0), keybearer_processor(1)]

    /// Runs the work once on each of the processors at the same time; it says how many verifications it did.
    static func run(_ processors: ArraySlice<Int32>, _ work: @escaping @Sendable (_ index: Int) -> Int) -> [Pace] {
        let paces = Box(Array(repeating: Pace(processor: 0, wall: 0), count: processors.count))
        let (ready, go, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for (index, processor) in processors.enumerated() {
            let thread = Thread {
                keybearer_stay_on(processor)
                ready.signal()
                go.wait()
                let pace = measure { work(index) }
                paces.change { $0[index] = pace }
                done.signal()
            }
            thread.start()
        }
        for _ in processors { ready.wait() }
        for _ in processors { go.signal() }
        for _ in processors { done.wait() }
        return paces.value
    }

    static func measure(_ work: () -> Int) -> Pace {
        let (wall, processor) = (nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_THREAD_CPUTIME_ID))
        let count = Double(work())
        return Pace(
            processor: (nanoseconds(CLOCK_THREAD_CPUTIME_ID) - processor) / count,
            wall: (nanoseconds(CLOCK_MONOTONIC) - wall) / count)
    }

    private static func nanoseconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

private final class Box<Value: Sendable>: @unchecked Sendable {
    // Sound: the value is touched under the lock alone.
    private let lock = NSLock()
    private var held: Value

    init(_ value: Value) { held = value }

    var value: Value { lock.withLock { held } }

    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&held) } }
}
