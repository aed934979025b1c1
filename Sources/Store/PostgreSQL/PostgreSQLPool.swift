import Foundation
import Synchronization

/// A fixed number of connections, each with a thread of its own.
///
/// The body of a transaction is synchronous code that waits for the server in its middle, so it must run where waiting
/// costs nobody else anything: neither on an event loop nor in Swift's cooperative pool, which has a thread a core.
/// A thread a connection is as many as there may be transactions at once, and no scheduler between a query and its
/// answer.
///
/// Jobs start in the order they came. Every job has to end by the deadline it was given on arrival, so nobody waits
/// behind others for longer than that.
final class PostgreSQLPool: Sendable {
    typealias Job = @Sendable (_ link: Result<PostgreSQLLink, any Error>, _ deadline: ContinuousClock.Instant) -> Void

    private struct Waiting {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    /// The jobs, guarded by the condition.
    private final class Queue: @unchecked Sendable {
        let condition = NSCondition()
        var jobs: [Waiting] = []
        var first = 0
        var isClosed = false
    }

    private let queue = Queue()
    private let patience: Duration

    /// - Parameters:
    ///   - connections: how many at most; each is made when it is first needed.
    ///   - patience: how long a transaction may take, waiting for a connection included.
    init(_ address: PostgreSQLAddress, connections: Int, patience: Duration) {
        self.patience = patience
        for number in 0..<connections {
            let queue = queue
            let thread = Thread {
                Thread.current.name = "postgresql-\(number)"
                Self.serve(queue, address)
            }
            thread.start()
        }
    }

    deinit { close() }

    /// Ends the connections once the jobs that wait are done. No job may follow.
    func close() {
        queue.condition.lock()
        queue.isClosed = true
        queue.condition.broadcast()
        queue.condition.unlock()
    }

    /// Hands the job a connection, on that connection's thread.
    func submit(_ job: @escaping Job) {
        queue.condition.lock()
        queue.jobs.append(Waiting(job: job, deadline: .now.advanced(by: patience)))
        queue.condition.signal()
        queue.condition.unlock()
    }

    private static func serve(_ queue: Queue, _ address: PostgreSQLAddress) {
        var link: PostgreSQLLink?
        while let next = take(queue) {
            if let current = link, !current.isUsable || !current.isQuiet { link = nil }
            let connected = Result { try link ?? PostgreSQLLink(address, deadline: next.deadline) }
            if case .success(let current) = connected { link = current }
            next.job(connected, next.deadline)
        }
    }

    /// - Returns: nil once the pool is closed.
    private static func take(_ queue: Queue) -> Waiting? {
        queue.condition.lock()
        defer { queue.condition.unlock() }
        while queue.first == queue.jobs.count {
            if queue.isClosed { return nil }
            queue.condition.wait()
        }
        let next = queue.jobs[queue.first]
        queue.first += 1
        if queue.first == queue.jobs.count || queue.first > 1024 {
            queue.jobs.removeFirst(queue.first)
            queue.first = 0
        }
        return next
    }
}
