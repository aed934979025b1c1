import Synchronization

/// One catching-up for all who ask at the same time. Who asks while one is under way waits for the next, since the one
/// under way may have read the log before the question.
final class CatchingUp: Sendable {
    private struct State {
        var running: Task<Void, any Error>?
        var next: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    func join(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = state.withLock { state -> Task<Void, any Error> in
            if let next = state.next { return next }
            let running = state.running
            let task = Task {
                // Only its end matters here; whoever waits for it hears of its failure.
                _ = await running?.result
                self.state.withLock { state in
                    state.running = state.next
                    state.next = nil
                }
                try await body()
            }
            state.next = task
            return task
        }
        try await task.value
    }
}
