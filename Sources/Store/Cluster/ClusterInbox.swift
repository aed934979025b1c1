import CLinux
import Foundation
import KeybearerAdministration
import KeybearerCluster
import Synchronization

/// What others tell the node's thread, and who waits for it.
final class ClusterInbox: Sendable {
    enum Note: Sendable {
        /// There is something to read; where the revision is known, nothing if that one was read already.
        case hint(revision: Int64?)
        case stop
    }

    private struct Waiter {
        /// How many renewals had been sent when it asked; one that is sent later tells it everything. No clock is
        /// asked, since one that stands still could not tell.
        let sendings: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        /// `.max` where everything that is there has to be read, whatever was read already.
        var hinted: Int64?
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

    private let state = Mutex(State())
    /// An eventfd(2), and not a condition: those wait by the time of day, and whoever sets that back by an hour would
    /// keep the thread from renewing for as long.
    private let bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))

    deinit { close(bell) }

    func post(_ note: Note) {
        state.withLock { state in
            switch note {
            case .hint(let revision): state.hinted = max(state.hinted ?? 0, revision ?? .max)
            case .stop: state.isStopping = true
            }
        }
        eventfd_write(bell, 1)
    }

    /// The next note; nil once the moment has come.
    /// While the database is away hints are kept for later, so that whoever asks does not make for more calls.
    func next(until moment: Moment?) -> Note? {
        while true {
            var rings: eventfd_t = 0
            eventfd_read(bell, &rings)
            let note = state.withLock { state -> Note? in
                if state.isStopping { return .stop }
                guard let hinted = state.hinted, !state.isFailing else { return nil }
                state.hinted = nil
                return .hint(revision: hinted == .max ? nil : hinted)
            }
            if let note { return note }
            let left = moment.map { $0.microseconds - Moment.now().microseconds }
            if let left, left <= 0 { return nil }
            var question = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
            poll(&question, 1, left.map { Int32(clamping: $0 / 1000 + 1) } ?? -1)
        }
    }

    /// Waits until memory reflects everything that was committed before the call.
    func wait() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let refusal = state.withLock { state -> Failure? in
                if state.isStopping || state.isFailing { return state.refusal ?? Self.unavailable }
                state.waiters.append(Waiter(sendings: state.sendings, continuation: continuation))
                state.hinted = .max
                return nil
            }
            if let refusal { continuation.resume(throwing: refusal) } else { eventfd_write(bell, 1) }
        }
    }

    /// A renewal is about to be sent.
    func note(sending number: Int64) { state.withLock { $0.sendings = number } }

    /// Lets those go on who asked before this renewal was sent.
    func succeed(confirmed number: Int64) {
        for waiter in take({ $0.sendings < number }) { waiter.resume() }
    }

    /// Whether the last call to the database failed. Whoever waits hears of it at once, and so does whoever asks while
    /// it lasts: the next call is made soon enough, and not because somebody asks.
    var isFailing: Bool {
        get { state.withLock { $0.isFailing } }
        set {
            state.withLock { $0.isFailing = newValue }
            if newValue { fail(Self.unavailable) }
        }
    }

    /// Ends the thread, and tells whoever waits and whoever asks from now on why.
    func refuse(_ reason: Failure) {
        state.withLock { state in
            state.refusal = reason
            state.isStopping = true
        }
        fail(reason)
        eventfd_write(bell, 1)
    }

    var refusal: Failure? { state.withLock { $0.refusal } }

    /// Returns once the thread has ended.
    func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.atEnd.append(continuation) }
                state.isStopping = true
                return state.hasEnded
            }
            if hasEnded { continuation.resume() } else { eventfd_write(bell, 1) }
        }
    }

    /// The same without waiting.
    func abandon() { post(.stop) }

    /// The thread's last call.
    func end() {
        let atEnd = state.withLock { state in
            state.hasEnded = true
            defer { state.atEnd = [] }
            return state.atEnd
        }
        fail(Self.unavailable)
        for continuation in atEnd { continuation.resume() }
    }

    private static let unavailable = Failure(
        .unavailable, "The database does not answer, and memory may be out of date.", retryAfterSeconds: 1)

    private func fail(_ reason: Failure) {
        for waiter in take({ _ in true }) { waiter.resume(throwing: reason) }
    }

    private func take(_ isMeant: (Waiter) -> Bool) -> [CheckedContinuation<Void, any Error>] {
        state.withLock { state in
            let meant = state.waiters.filter(isMeant)
            if !meant.isEmpty { state.waiters.removeAll(where: isMeant) }
            return meant.map(\.continuation)
        }
    }
}
