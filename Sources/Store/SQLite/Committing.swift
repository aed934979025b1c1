import CLinux
import Synchronization

/// Whether a transaction of this process writes to the file, from the moment on in which nobody else can until memory has
/// heard of its commit.
///
/// In between lie some tens of microseconds in which the commit can be seen and memory does not reflect it. Verifications
/// wait for their end; otherwise all that come in them would have to read the log.
final class Committing: @unchecked Sendable {
    // Sound, because all that is done to the word is atomic, and it lives as long as this.
    /// Odd while it is so.
    private let turns = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    private let waiting = Atomic(0)

    /// The thread that commits may be interrupted. Whoever has waited so long reads the log.
    private static let mostMicroseconds = 5_000

    init() { turns.initialize(to: Atomic(0)) }

    deinit {
        turns.deinitialize(count: 1)
        turns.deallocate()
    }

    var isUnderWay: Bool { turns.pointee.load(ordering: .acquiring) & 1 == 1 }
    /// How many wait.
    var count: Int { waiting.load(ordering: .relaxed) }

    /// One thread at a time.
    func during(_ body: () throws -> Void) rethrows {
        turns.pointee.add(1, ordering: .sequentiallyConsistent)
        defer {
            turns.pointee.add(1, ordering: .sequentiallyConsistent)
            if waiting.load(ordering: .sequentiallyConsistent) > 0 { keybearer_wake_all(address) }
        }
        try body()
    }

    /// Returns once it is over, or after some milliseconds.
    func wait() {
        waiting.add(1, ordering: .sequentiallyConsistent)
        let turn = turns.pointee.load(ordering: .sequentiallyConsistent)
        if turn & 1 == 1 { keybearer_sleep_while(address, turn, Self.mostMicroseconds) }
        waiting.subtract(1, ordering: .relaxed)
    }

    // An atomic word is its bytes, which is what the kernel compares.
    private var address: UnsafePointer<UInt32> { UnsafeRawPointer(turns).assumingMemoryBound(to: UInt32.self) }
}
