import CVerification
import Synchronization

/// A value that is only touched while its lock is held.
///
/// The lock is one word beside the value (Drepper, "Futexes Are Tricky", 2011, mutex 3): whoever finds it free takes it
/// with one atomic operation and gives it back with another. Not `Synchronization.Mutex`: on Linux the kernel hands
/// that one over when it is wanted, which the thread sanitizer does not see; here every turn is taken in this file.
struct Guarded<Value: ~Copyable & Sendable>: ~Copyable, @unchecked Sendable {
    // Sound, because the memory is made in `init`, freed in `deinit` and never handed out, and the value is reached in
    // `withLock` alone, between taking and giving back. A noncopyable owner cannot be destroyed while it is borrowed
    // for a call, and the value is Sendable itself, so what `body` returns may leave. On the heap, since the struct may
    // move and a waiter's word may not; from the start of a cache line on, so that no two locks share one.
    private let word: UnsafeMutablePointer<Atomic<UInt32>>
    private let value: UnsafeMutablePointer<Value>

    private static var free: UInt32 { 0 }
    private static var taken: UInt32 { 1 }
    /// Taken, and somebody may be asleep.
    private static var awaited: UInt32 { 2 }
    private static var line: Int { 64 }
    // Some microseconds: longer than a look-up takes, shorter than going to sleep.
    private static var looks: Int { 100 }

    init(_ value: consuming Value) {
        let offset = max(MemoryLayout<Value>.alignment, 8)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: (offset + MemoryLayout<Value>.size + Self.line - 1) / Self.line * Self.line,
            alignment: max(Self.line, MemoryLayout<Value>.alignment))
        word = memory.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        word.initialize(to: Atomic(Self.free))
        self.value = (memory + offset).bindMemory(to: Value.self, capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        value.deinitialize(count: 1)
        word.deinitialize(count: 1)
        UnsafeMutableRawPointer(word).deallocate()
    }

    /// Not to be entered again from `body`.
    @inline(__always)
    func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unowned.withLock(body)
    }

    /// The same lock and value for whoever knows that their owner lives: one step nearer than through the owner.
    struct Unowned: @unchecked Sendable {
        // As sound as its owner, while that lives.
        fileprivate let word: UnsafeMutablePointer<Atomic<UInt32>>
        fileprivate let value: UnsafeMutablePointer<Value>

        @inline(__always)
        func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout Value) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            if !word.pointee.compareExchange(expected: free, desired: taken, ordering: .acquiring).exchanged {
                take(word)
            }
            defer {
                if word.pointee.exchange(free, ordering: .releasing) == awaited { wakeOne(word) }
            }
            return try body(&value.pointee)
        }
    }

    var unowned: Unowned { Unowned(word: word, value: value) }

    @inline(never)
    private static func take(_ word: UnsafeMutablePointer<Atomic<UInt32>>) {
        for _ in 0..<looks {
            keybearer_pause()
            if word.pointee.load(ordering: .relaxed) == free,
                word.pointee.compareExchange(expected: free, desired: taken, ordering: .acquiring).exchanged
            {
                return
            }
        }
        // From now on it counts as awaited, though nobody else may be asleep any more: one wake too many at most.
        while word.pointee.exchange(awaited, ordering: .acquiring) != free {
            // An atomic word is its bytes, which is what the kernel compares.
            keybearer_wait(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self), awaited)
        }
    }

    @inline(never)
    private static func wakeOne(_ word: UnsafeMutablePointer<Atomic<UInt32>>) {
        keybearer_wake_one(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self))
    }
}
