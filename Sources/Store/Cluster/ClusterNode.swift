import Foundation
import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Logging
import Synchronization

/// This process as one of many nodes: does what `Member` says, on a thread and a connection of its own, so that
/// renewing never waits behind anything else that the process does.
///
/// A verification asks `isLeased` after it arrived and reads its record after that. What it reads then is at least as
/// new as what the lease vouches for, since memory only ever forgets; so nobody has to be waited for between applying
/// a change and acknowledging it ([decision 44](docs/decisions/0044-the-lease-is-asked-before-memory.md)).
final class ClusterNode: Sendable {
    let name: String
    let timing: Timing
    private let leaseEnd = Atomic<Int64>(.min)
    private let appliedRevision = Atomic<Int64>(0)
    private let inbox = ClusterInbox()
    private let metrics = ClusterMetrics()
    private let listener = Mutex<PostgreSQLListener?>(nil)
    private let address: PostgreSQLAddress

    /// - Parameters:
    ///   - configuration: what it decides by; nil for whatever is in force.
    ///   - memory: forgets what others have changed.
    init(
        _ address: PostgreSQLAddress, name: String, timing: Timing, configuration: ConfigurationDigest?,
        memory: RecordCache, clock: WallClock, logger: Logger
    ) throws {
        self.address = address
        self.name = name
        self.timing = timing
        let (inbox, metrics) = (inbox, metrics)
        let thread = Thread { [weak self] in
            Thread.current.name = "cluster"
            let loop = ClusterLoop(
                PostgreSQLSession(address, patience: timing.deadline.duration), name: name, timing: timing,
                configuration: configuration, memory: memory, clock: clock, logger: logger, inbox: inbox,
                metrics: metrics
            ) { leaseEnd, revision in
                // Taking the lease away comes first, giving it comes last.
                self?.leaseEnd.store(leaseEnd.microseconds, ordering: .sequentiallyConsistent)
                self?.appliedRevision.store(revision, ordering: .releasing)
            }
            loop.run()
        }
        thread.start()
        let log = logger
        let heard = try PostgreSQLListener(
            address,
            hint: { payload in inbox.post(.hint(revision: payload.flatMap { Int64($0) })) },
            report: { log.warning("notifications of the database are lost for now: \($0)") })
        listener.withLock { $0 = heard }
    }

    /// Whether memory may be believed at this moment.
    var isLeased: Bool {
        if Breaking.rule.ignores(.clockIsReadForEachRequest) { return true }
        return Moment.now().microseconds < leaseEnd.load(ordering: .sequentiallyConsistent)
    }

    /// Why this node may not decide until it is started anew; nil while nothing is wrong.
    var refusal: Failure? { inbox.refusal }

    /// The last change that memory reflects.
    var revision: Int64 { appliedRevision.load(ordering: .acquiring) }

    func samples() -> [ClusterSample] {
        let end = leaseEnd.load(ordering: .relaxed)
        let now = Moment.now().microseconds
        let age = end > now ? Span(microseconds: now - (end - timing.usableLease.microseconds)) : nil
        return metrics.samples(age: age)
    }

    /// Says that there is something to read.
    func hint(_ revision: Int64) {
        inbox.post(.hint(revision: revision))
    }

    /// Returns once memory reflects every change that was committed before the call, asked of the database by a
    /// renewal: a write, so a server that has lost its standbys cannot answer it.
    ///
    /// - Throws: `Failure` where the database does not answer.
    func catchUp() async throws {
        try await inbox.wait()
    }

    /// Gives the lease back, so that no revoke waits for this node. Nothing may be decided afterwards.
    func stop() async {
        listener.withLock { listener in
            listener?.stop()
            listener = nil
        }
        await inbox.stop()
    }

    deinit { inbox.abandon() }
}

extension Span {
    var duration: Duration { .microseconds(microseconds) }
    var seconds: Double { Double(microseconds) / 1_000_000 }
}
