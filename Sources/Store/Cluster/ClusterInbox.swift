import Foundation
import KeybearerAdministration
import KeybearerCluster

/// What others tell the node's thread, and who waits for it.
final class ClusterInbox: Sendable {
    enum Note: Sendable {
        case hint
        case stop
    }

    private struct Waiter {
        /// How many renewals had been sent when it asked; one that is sent later tells it everything. No clock is
        /// asked, since one that stands still could not tell.
        let sendings: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// Guarded by the condition.
    private final class State: @unchecked Sendable {
        let condition = NSCondition()
        var isHinted = false
        var isStopping = false
        /// Why this node may not decide, for good.
        var refusal: Failure?
        /// Whether the last call to the database failed; then nobody waits for the next.
        var isFailing = false
        var hasEnded = false
        var waiters: [Waiter] = []
        var sendings: Int64 = 0
        var atEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let state = State()

    func post(_ note: Note) {
        state.condition.lock()
        defer { state.condition.unlock() }
        switch note {
        case .hint: state.isHinted = true
        case .stop: state.isStopping = true
        }
        state.condition.signal()
    }

    /// The next note; nil once the moment has come.
    /// While the database is away hints are kept for later, so that whoever asks does not make for more calls.
    func next(until moment: Moment?) -> Note? {
        state.condition.lock()
        defer { state.condition.unlock() }
        while true {
            if state.isStopping { return .stop }
            if state.isHinted && !state.isFailing {
                state.isHinted = false
                return .hint
            }
            guard let moment else {
                state.condition.wait()
                continue
            }
            let left = moment.microseconds - Moment.now().microseconds
            guard left > 0 else { return nil }
            _ = state.condition.wait(until: Date(timeIntervalSinceNow: Double(left) / 1_000_000))
        }
    }

    /// Waits until memory reflects everything that was committed before the call.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            state.condition.lock()
            let isHopeless = state.isStopping || state.isFailing
            let reason = state.refusal ?? Self.unavailable
            if !isHopeless {
                state.waiters.append(Waiter(sendings: state.sendings, continuation: continuation))
                state.isHinted = true
                state.condition.signal()
            }
            state.condition.unlock()
            if isHopeless { continuation.resume(throwing: reason) }
        }
    }

    /// A renewal is about to be sent.
    func note(sending number: Int64) {
        state.condition.lock()
        state.sendings = number
        state.condition.unlock()
    }

    /// Lets those go on who asked before this renewal was sent.
    func succeed(confirmed number: Int64) {
        release {
            $0.sendings < number
        } with: {
            $0.resume()
        }
    }

    /// Whether the last call to the database failed. Whoever waits hears of it at once, and so does whoever asks while
    /// it lasts: the next call is made soon enough, and not because somebody asks.
    var isFailing: Bool {
        get {
            state.condition.lock()
            defer { state.condition.unlock() }
            return state.isFailing
        }
        set {
            state.condition.lock()
            state.isFailing = newValue
            state.condition.unlock()
            if newValue {
                release { _ in
                    true
                } with: {
                    $0.resume(throwing: Self.unavailable)
                }
            }
        }
    }

    /// Ends the thread, and tells whoever waits and whoever asks from now on why.
    func refuse(_ reason: Failure) {
        state.condition.lock()
        state.refusal = reason
        state.isStopping = true
        state.condition.unlock()
        release { _ in
            true
        } with: {
            $0.resume(throwing: reason)
        }
    }

    var refusal: Failure? {
        state.condition.lock()
        defer { state.condition.unlock() }
        return state.refusal
    }

    /// Returns once the thread has ended.
    func stop() async {
        await withCheckedContinuation { continuation in
            state.condition.lock()
            let hasEnded = state.hasEnded
            if !hasEnded { state.atEnd.append(continuation) }
            state.isStopping = true
            state.condition.signal()
            state.condition.unlock()
            if hasEnded { continuation.resume() }
        }
    }

    /// The same without waiting.
    func abandon() { post(.stop) }

    /// The thread's last call.
    func end() {
        state.condition.lock()
        state.hasEnded = true
        let (atEnd, waiters) = (state.atEnd, state.waiters)
        state.atEnd = []
        state.waiters = []
        state.condition.unlock()
        for waiter in waiters { waiter.continuation.resume(throwing: Self.unavailable) }
        for continuation in atEnd { continuation.resume() }
    }

    private static let unavailable = Failure(
        .unavailable, "The database does not answer, and memory may be out of date.", retryAfterSeconds: 1)

    private func release(
        _ isMeant: (Waiter) -> Bool, with resume: (CheckedContinuation<Void, any Error>) -> Void
    ) {
        state.condition.lock()
        let meant = state.waiters.filter(isMeant)
        if !meant.isEmpty { state.waiters.removeAll(where: isMeant) }
        state.condition.unlock()
        for waiter in meant { resume(waiter.continuation) }
    }
}
