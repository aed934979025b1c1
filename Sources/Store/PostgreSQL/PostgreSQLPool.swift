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
/// behind others for longer than that. Among idle connections the one that was used last comes first: its statements are
/// prepared, its server process has everything at hand, and connections that are not needed are never made.
final class PostgreSQLPool: Sendable {
    typealias Job = @Sendable (_ link: Result<PostgreSQLLink, any Error>, _ deadline: ContinuousClock.Instant) -> Void

    private struct Waiting {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    private final class Queue: Sendable {
        struct State {
            var jobs = Line<Waiting>()
            /// Threads without a job, the one that was busy last at the end; and what was given to them since.
            var idle: [Int] = []
            var given: [Int: Waiting] = [:]
            var isClosed = false
        }

        let state = Mutex(State())
        let bells: [DispatchSemaphore]

        init(threads: Int) { bells = (0..<threads).map { _ in DispatchSemaphore(value: 0) } }
    }

    private let queue: Queue
    private let patience: Duration

    /// - Parameters:
    ///   - connections: how many at most; each is made when it is first needed.
    ///   - patience: how long a transaction may take, waiting for a connection included.
    init(_ address: PostgreSQLAddress, connections: Int, patience: Duration) {
        self.patience = patience
        let queue = Queue(threads: connections)
        self.queue = queue
        for number in 0..<connections {
            let thread = Thread {
                Thread.current.name = "postgresql-\(number)"
                Self.serve(queue, number, address)
            }
            thread.start()
        }
    }

    deinit { close() }

    /// Ends the connections once the jobs that wait are done. No job may follow.
    func close() {
        let idle = queue.state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for number in idle { queue.bells[number].signal() }
    }

    /// Hands the job a connection, on that connection's thread.
    func submit(_ job: @escaping Job) {
        let waiting = Waiting(job: job, deadline: .now.advanced(by: patience))
        let idle = queue.state.withLock { state -> Int? in
            guard let number = state.idle.popLast() else {
                state.jobs.append(waiting)
                return nil
            }
            state.given[number] = waiting
            return number
        }
        if let idle { queue.bells[idle].signal() }
    }

    private static func serve(_ queue: Queue, _ number: Int, _ address: PostgreSQLAddress) {
        var link: PostgreSQLLink?
        while let next = take(queue, number) {
            if let current = link, !current.isQuiet(deadline: next.deadline) { link = nil }
            let connected = Result { try link ?? PostgreSQLLink(address, deadline: next.deadline) }
            if case .success(let current) = connected { link = current }
            next.job(connected, next.deadline)
        }
    }

    /// - Returns: nil once the pool is closed.
    private static func take(_ queue: Queue, _ number: Int) -> Waiting? {
        let (next, isClosed) = queue.state.withLock { state -> (Waiting?, Bool) in
            if let next = state.jobs.next() { return (next, false) }
            if !state.isClosed { state.idle.append(number) }
            return (nil, state.isClosed)
        }
        if next != nil || isClosed { return next }
        queue.bells[number].wait()
        return queue.state.withLock { $0.given.removeValue(forKey: number) }
    }
}
