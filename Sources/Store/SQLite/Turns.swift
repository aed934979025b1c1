import Synchronization

/// Lets so many in at once; the others wait without holding a thread, and come in as they arrived.
final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting = Line<CheckedContinuation<Void, Never>>()

        mutating func enter() -> Bool {
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func take() async {
        guard !state.withLock({ $0.enter() }) else { return }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.enter() { return true }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let next = state.waiting.next() { return next }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
