import Synchronization

/// What waits for the file's one writer. Writes that arrive while another commits are committed together afterwards: one
/// end of the log, one wait for the disk.
final class WriteQueue: Sendable {
    /// So many in one transaction: the disk's wait is shared, and the first does not wait long for the last.
    private static let together = 32

    struct Batch {
        let writes: [any QueuedWrite]
        fileprivate let followers: [Turn]
    }

    /// Resumed with whether the waiting write's task is the one that runs the next batch.
    fileprivate typealias Turn = CheckedContinuation<Bool, Never>

    private struct State {
        var waiting: [(write: any QueuedWrite, turn: Turn)] = []
        var isLed = false
    }

    private let state = Mutex(State())

    /// How many wait, without those that are being run.
    var count: Int { state.withLock { $0.waiting.count } }

    /// - Returns: the writes that the caller is to run, its own first, and then to `tell` about and to `leave` after; nil
    ///   where another task has run it meanwhile.
    func enter(_ write: any QueuedWrite) async -> Batch? {
        let leads = await withCheckedContinuation { turn in
            let isFree = state.withLock { state in
                state.waiting.append((write, turn))
                defer { state.isLed = true }
                return !state.isLed
            }
            if isFree { turn.resume(returning: true) }
        }
        guard leads else { return nil }
        return state.withLock { state in
            let taken = state.waiting.prefix(Self.together)
            state.waiting.removeFirst(taken.count)
            return Batch(writes: taken.map(\.write), followers: taken.dropFirst().map(\.turn))
        }
    }

    /// Takes the writer's place without a write, where it is free; `leave` gives it back.
    func enterIfFree() -> Bool {
        state.withLock { state in
            defer { state.isLed = true }
            return !state.isLed
        }
    }

    /// Tells those whose writes were run.
    func tell(_ batch: Batch) {
        for turn in batch.followers { turn.resume(returning: false) }
    }

    /// Has the next batch run by the one who has waited longest.
    func leave() {
        let next = state.withLock { state in
            state.isLed = !state.waiting.isEmpty
            return state.waiting.first?.turn
        }
        next?.resume(returning: true)
    }
}
