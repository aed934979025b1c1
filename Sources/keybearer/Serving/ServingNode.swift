import Foundation
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerStore
import KeybearerVerification
import KeybearerVerificationPlane
import Logging
import Synchronization

/// The rooms wired together on one database: what `serve` serves and what local commands work with.
struct ServingNode: Sendable {
    /// What this process does with the database.
    enum Purpose {
        /// Answers verifications; through the control plane too.
        case server
        /// A command beside a server or in its place.
        case command
    }

    let store: Store
    let database: OpenDatabase
    /// Where whatever waits for the database is best run; nil for wherever Swift runs tasks.
    let threads: (any TaskExecutor)?
    let memory: RecordCache
    let meter: UsageMeter
    let verifier: Verifier
    let administration: Administration
    let clock: WallClock
    private let rules: Rules
    private let source: LedgerRecordSource
    private let name: String

    /// - Throws: `StoreError` with one line that says what to do.
    init(_ configuration: Configuration, _ purpose: Purpose, logger: Logger) async throws {
        rules = configuration.rules
        name = configuration.nodeName
        meter = UsageMeter()
        memory = RecordCache(capacityInBytes: configuration.verification.cacheBytes, meter: meter)
        let time = SystemTime(notBefore: Timestamp(microseconds: 0))
        clock = WallClock { time.now() }
        switch configuration.database {
        case .sqlite(let path):
            let database = try SQLiteDatabase(path: path, mode: purpose == .command ? .local : .server)
            self.database = .sqlite(database)
            threads = FileThreads.shared
            store = try await Store(
                database: database, memory: memory, nodeName: name, clock: clock, logger: logger)
        case .postgreSQL(let url):
            let database = try await PostgreSQLDatabase(url: url, configuration: configuration.digest)
            self.database = .postgreSQL(database)
            threads = nil
            let part: ClusterPart =
                purpose == .server
                ? .node(leaseSeconds: configuration.leaseSeconds)
                : .beside(leaseSeconds: configuration.leaseSeconds)
            store = try await Store(
                database: database, memory: memory, part: part, nodeName: name, clock: clock, logger: logger)
            if purpose == .server { try await Self.join(store) }
        }
        // A clock that was set back must not revive what had expired when the database was last written.
        if let newest = try await store.newestTime() { time.raise(floor: newest) }
        let grants = store.limitGrants
        source = LedgerRecordSource(ledger: store, rules: rules, sharesLimits: grants != nil)
        let seldom = Seldom(every: .seconds(1))
        verifier = Verifier(
            format: rules.keyFormat, peppers: rules.peppers, cache: memory,
            source: source, freshness: store, clock: clock, isAlwaysStrict: configuration.verification.isStrict,
            grants: grants,
            report: { error in
                let reason = (error as? Failure)?.detail ?? "\(type(of: error))"
                seldom.run { logger.error("verifications cannot be decided: \(reason)") }
            })
        administration = Administration(
            ledger: store, rules: rules, verifier: verifier, meter: meter, clock: clock, logger: logger)
    }

    /// A node that cannot join is better noticed at its start than by those who ask it.
    ///
    /// - Throws: the last failure, after half a minute of trying.
    private static func join(_ store: Store) async throws {
        let limit = ContinuousClock.now + .seconds(30)
        while true {
            do {
                return try await store.catchUp()
            } catch {
                guard .now < limit else { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Lets memory know which keys there are, so that unknown ones cost no read, until the task is cancelled.
    func keepMemoryFilled(_ logger: Logger) async { await source.keepFilled(memory, logger: logger) }

    /// Whether an answer given now is safe.
    func canDecide() -> Bool { store.canDecide() }

    /// Who answers verifications on this database.
    func nodes() async throws -> [ControlPlane.Node] {
        guard let nodes = try await store.clusterNodes() else {
            return [
                ControlPlane.Node(
                    name: name, isLive: true, acknowledgedRevision: store.revision, lastSeenAt: clock.now())
            ]
        }
        return nodes.map { node in
            ControlPlane.Node(
                name: node.name, isLive: node.isLive, acknowledgedRevision: node.acknowledgedRevision,
                lastSeenAt: node.lastSeenAt)
        }
    }

    func samples() -> [MetricSample] {
        store.clusterSamples().map {
            MetricSample(name: $0.name, help: $0.help, isCounter: $0.isCounter, value: $0.value)
        }
    }

    /// With a pepper, digests stored without one would not be found any more: better no start than dead keys.
    func mustHaveNoPlainDigests() async throws {
        guard rules.peppers.isConfigured else { return }
        let plain = try await store.plainDigestCount()
        guard plain == 0 else {
            throw ConfigurationError(
                "keys.pepper: \(plain) keys are stored without it: run `keybearer pepper apply` while no server runs")
        }
    }
}

/// The driver, for what only one of them can do.
enum OpenDatabase: Sendable {
    case sqlite(SQLiteDatabase)
    case postgreSQL(PostgreSQLDatabase)
}

/// Lets through one of many calls at a time: a log line for each request would fill the disk in an outage.
private final class Seldom: Sendable {
    private let next = Mutex(ContinuousClock.now)
    private let interval: Duration

    init(every interval: Duration) { self.interval = interval }

    func run(_ body: () -> Void) {
        let isDue = next.withLock { next in
            guard next <= .now else { return false }
            next = .now + interval
            return true
        }
        if isDue { body() }
    }
}
