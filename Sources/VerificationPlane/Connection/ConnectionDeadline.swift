import NIOCore

/// What a connection waits for, and until when. Confined to the connection's event loop.
///
/// One timer serves all waits: it is moved only where a wait ends before it fires, so a connection that is busy with
/// small requests schedules nothing.
final class ConnectionDeadline {
    enum Reason {
        case idle
        case head
        case body
        case decision(Exchange)
        case linger
    }

    private let limits: ConnectionLimits
    private var waiting: (reason: Reason, until: NIODeadline)?
    private var timer: (task: Scheduled<Void>, at: NIODeadline)?

    init(_ limits: ConnectionLimits) { self.limits = limits }

    /// A head and a body have one deadline from their first byte on: further bytes do not extend it.
    func wait(for reason: Reason, on loop: any EventLoop, expired: @escaping (Reason) -> Void) {
        switch (waiting?.reason, reason) {
        case (.head, .head), (.body, .body): return
        default: break
        }
        let until = loop.now + limit(of: reason)
        waiting = (reason, until)
        guard timer.map({ $0.at > until }) ?? true else { return }
        timer?.task.cancel()
        schedule(at: until, on: loop, expired)
    }

    /// Nothing is waited for; the timer is left alone.
    func forget() { waiting = nil }

    func cancel() {
        waiting = nil
        timer?.task.cancel()
        timer = nil
    }

    private func schedule(at due: NIODeadline, on loop: any EventLoop, _ expired: @escaping (Reason) -> Void) {
        let task = loop.assumeIsolated().scheduleTask(deadline: due) { self.fire(on: loop, expired) }
        timer = (task, due)
    }

    private func fire(on loop: any EventLoop, _ expired: @escaping (Reason) -> Void) {
        timer = nil
        guard let (reason, until) = waiting else { return }
        guard until <= loop.now else {
            schedule(at: until, on: loop, expired)
            return
        }
        waiting = nil
        expired(reason)
    }

    private func limit(of reason: Reason) -> TimeAmount {
        switch reason {
        case .idle: limits.idle
        case .head: limits.head
        case .body: limits.body
        case .decision: limits.decision
        case .linger: limits.linger
        }
    }
}
