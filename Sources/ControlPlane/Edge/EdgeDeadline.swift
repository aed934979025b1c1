import NIOCore

/// The moment at which a connection has waited too long. It moves with every request, and what is scheduled for it stays
/// where it is: whoever wakes too early looks again.
final class EdgeDeadline {
    private let loop: any EventLoop
    private let passed: () -> Void
    private var deadline: NIODeadline?
    private var waking: (at: NIODeadline, task: Scheduled<Void>)?

    /// - Parameter passed: called on the loop, once for each `set`.
    init(on loop: any EventLoop, _ passed: @escaping () -> Void) {
        self.loop = loop
        self.passed = passed
    }

    /// On the loop, like everything here.
    ///
    /// - Parameter duration: from now on; nil where nothing is waited for.
    func set(_ duration: Duration?) {
        deadline = duration.map { .now() + TimeAmount($0) }
        schedule()
    }

    func end() {
        deadline = nil
        waking?.task.cancel()
        waking = nil
    }

    private func schedule() {
        guard let deadline else { return }
        if let waking {
            guard deadline < waking.at else { return }
            waking.task.cancel()
        }
        let task = loop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in wake() }
        waking = (deadline, task)
    }

    private func wake() {
        waking = nil
        guard let deadline else { return }
        guard deadline <= .now() else { return schedule() }
        self.deadline = nil
        passed()
    }
}
