import Foundation

/// Which threads the kernel prefers where there are more than processors: those that verify or talk to PostgreSQL, which
/// a verification may have to wait for, and those by which this process keeps its lease. All others, from administration
/// to counting, get a third of their weight: they never keep a verification waiting for turns of the scheduler, which are
/// milliseconds long, and still get on while verification is saturated.
///
/// On Linux a nice value belongs to a thread and can only rise without a privilege (setpriority(2), sched(7)), so the
/// others are lowered instead of these being raised. Elsewhere nothing is done.
enum Precedence {
    /// Where the names of threads begin that keep the process's own nice value.
    private static let preferred = ["verification-", "cluster", "notifications", "postgresql-"]
    private static let step: Int32 = 5

    /// Lowers every other thread. One that is made afterwards inherits from the thread that makes it: so it is not to
    /// be called before the preferred ones are there, and again now and then, since they make threads as well.
    static func give() {
        #if os(Linux)
            let tasks = "/proc/self/task"
            for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
                // A thread that has ended meanwhile has no name and no nice value either.
                guard let thread = id_t(task),
                    let name = try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8),
                    !preferred.contains(where: name.hasPrefix)
                else { continue }
                _ = setpriority(ofThreads, thread, lower)
            }
        #endif
    }

    #if os(Linux)
        /// Seen from the process's own at its start, before any thread was lowered.
        private static let lower = min(19, getpriority(ofThreads, id_t(getpid())) + step)
        private static let ofThreads = __priority_which_t(PRIO_PROCESS.rawValue)
    #endif
}
