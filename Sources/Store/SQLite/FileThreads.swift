import Dispatch
import Foundation
import Synchronization

/// Threads that may wait for the disk, which the threads of Swift's own tasks may not: there are only as many of those as
/// processors. Tasks that run here anyway, such as a request of the control plane, read and write the file without
/// changing threads.
///
/// Threads are made when they are missing, and the one that became idle last is woken first: what it needs of the
/// processor's caches is still there.
public final class FileThreads: TaskExecutor, Sendable {
    /// Of this process. Fewer threads than these can wait for a file, so that some are left for whoever need not.
    public static let shared = FileThreads(atMost: SQLiteDatabase.concurrentReads + 8)

    private struct State {
        var jobs = Line<UnownedJob>()
        /// The one that was busy last at the end.
        var idle: [Int] = []
        var threads = 0
    }

    private enum Waking { case none, idle(Int), new(Int) }

    private let state = Mutex(State())
    private let wakings: [DispatchSemaphore]

    init(atMost count: Int) {
        wakings = (0..<count).map { _ in DispatchSemaphore(value: 0) }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let waking = state.withLock { state -> Waking in
            state.jobs.append(job)
            if let thread = state.idle.popLast() { return .idle(thread) }
            guard state.threads < wakings.count else { return .none }
            state.threads += 1
            return .new(state.threads - 1)
        }
        switch waking {
        case .none: break
        case .idle(let thread): wakings[thread].signal()
        case .new(let number): start(number)
        }
    }

    private func start(_ number: Int) {
        let thread = Thread { [self] in
            Thread.current.name = "file-\(number)"
            work(number)
        }
        thread.start()
    }

    private func work(_ number: Int) {
        let executor = asUnownedTaskExecutor()
        while true {
            let job = state.withLock { state -> UnownedJob? in
                if let job = state.jobs.next() { return job }
                state.idle.append(number)
                return nil
            }
            if let job { job.runSynchronously(on: executor) } else { wakings[number].wait() }
        }
    }
}
