import Synchronization

/// One answer for all who ask at the same time. Who asks while a question is under way waits for the next, since the
/// one under way may have looked before.
final class JointQuestion<Answer: Sendable>: Sendable {
    private struct State {
        var running: Task<Answer, any Error>?
        var next: Task<Answer, any Error>?
    }

    private let state = Mutex(State())

    func join(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let task = state.withLock { state -> Task<Answer, any Error> in
            if let next = state.next { return next }
            let running = state.running
            let task = Task {
                // Only its end matters here; whoever waits for it hears of its failure.
                _ = await running?.result
                self.state.withLock { state in
                    state.running = state.next
                    state.next = nil
                }
                return try await body()
            }
            state.next = task
            return task
        }
        return try await task.value
    }
}
