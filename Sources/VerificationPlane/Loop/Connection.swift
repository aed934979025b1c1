import KeybearerVerification

/// One connection's state. Its event loop alone touches it.
final class Connection {
    enum Stage {
        case reading
        case deciding(Awaited)
        /// The last answer is on its way; what else arrives is dropped.
        case lingering
        case closed
    }

    /// What is still known of a request while its decision is awaited.
    struct Awaited {
        /// Tells the decision that is awaited from one that came too late.
        let number: Int
        let id: RequestID
        let isHead: Bool
        let keepsAlive: Bool
    }

    /// What a connection waits for, each with a limit of its own.
    enum Waiting { case idle, head, body, decision, linger }

    let token: Poller.Token
    let peer: Peer
    // Not watched, as the loop's own (`EventLoop`).
    @exclusivity(unchecked) var parser = HTTPRequestParser()
    @exclusivity(unchecked) var ids: RequestIDs
    var stage = Stage.reading
    /// Received and not consumed yet: of a request that is not whole, or behind one that is being decided.
    @exclusivity(unchecked) var input: [UInt8] = []
    /// Written and not taken by the kernel yet.
    @exclusivity(unchecked) var output: [UInt8] = []
    var interest = Poller.Interest.input
    var inputHasEnded = false
    var decisions = 0
    private(set) var waiting = Waiting.idle
    /// On the loop's clock.
    private(set) var deadline = Int64.max

    init(token: Poller.Token, peer: Peer, ids: RequestIDs) {
        self.token = token
        self.peer = peer
        self.ids = ids
    }

    var isReading: Bool {
        guard case .reading = stage else { return false }
        return true
    }

    var isOpen: Bool {
        guard case .closed = stage else { return true }
        return false
    }

    /// A head and a body have one deadline from their first byte on: further bytes do not extend it.
    func wait(for reason: Waiting, until deadline: Int64) {
        if reason == waiting, reason == .head || reason == .body { return }
        waiting = reason
        self.deadline = deadline
    }

    /// Nothing is waited for until the next `wait`.
    func isServed() { waiting = .idle }
}

extension ConnectionLimits {
    /// In nanoseconds.
    func limit(of reason: Connection.Waiting) -> Int64 {
        let limit =
            switch reason {
            case .idle: idle
            case .head: head
            case .body: body
            case .decision: decision
            case .linger: linger
            }
        let (seconds, attoseconds) = limit.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
