import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Logging

/// Not the member of an organization.
private typealias Member<Row: KeybearerCluster.Change> = KeybearerCluster.Member<Row>

/// The node's thread: tells `Member` what happened and does what it answers, one thing after the other.
final class ClusterLoop {
    private var member: Member<LoggedChange>
    private let session: PostgreSQLSession
    private let name: String
    private let timing: Timing
    private let configuration: ConfigurationDigest?
    private let memory: RecordCache
    private let clock: WallClock
    private let logger: Logger
    private let inbox: ClusterInbox
    private let metrics: ClusterMetrics
    private let publish: (_ leaseEnd: Moment, _ revision: Int64) -> Void
    private var comparison: ClockComparison
    private var reaping: Reaping
    private var wake: Moment?
    /// What happened and `Member` was not told yet.
    private var events: [Member<LoggedChange>.Event] = []
    private var timeline: String?

    init(
        _ session: PostgreSQLSession, name: String, timing: Timing, configuration: ConfigurationDigest?,
        memory: RecordCache,
        clock: WallClock, logger: Logger, inbox: ClusterInbox, metrics: ClusterMetrics,
        publish: @escaping (_ leaseEnd: Moment, _ revision: Int64) -> Void
    ) {
        member = Member(timing, breaking: Breaking.rule)
        self.session = session
        self.name = name
        self.timing = timing
        self.configuration = configuration
        self.memory = memory
        self.clock = clock
        self.logger = logger
        self.inbox = inbox
        self.metrics = metrics
        self.publish = publish
        comparison = ClockComparison(tolerance: Span(microseconds: timing.margin.microseconds / 2))
        reaping = Reaping(timing, breaking: Breaking.rule)
    }

    func run() {
        defer { inbox.end() }
        handle(.start)
        while true {
            let note = inbox.next(until: wake)
            if comparison.hasJumped(wall: ClockComparison.wallNow(), boot: Moment.now()) {
                logger.warning("the machine's clocks have moved apart: the lease is asked for anew")
                handle(.clockIsDoubtful)
            }
            switch note {
            case .hint(let revision):
                // Changes that were read already are no news.
                if let revision {
                    if revision > member.applied { handle(.news) }
                } else {
                    handle(.hint)
                }
            case nil:
                wake = nil
                handle(.tick)
            case .stop:
                handle(.stop)
                session.close()
                return
            }
            reap()
        }
    }

    private func handle(_ event: Member<LoggedChange>.Event) {
        events.append(event)
        while !events.isEmpty {
            let commands = member.handle(events.removeFirst(), at: Moment.now())
            publish(member.leaseEnd, member.applied)
            inbox.succeed(confirmed: member.confirmed)
            for command in commands { perform(command) }
        }
    }

    private func perform(_ command: Member<LoggedChange>.Command) {
        switch command {
        case .load(let request): load(request)
        case .register(let request):
            let id = NodeID.random()
            call(request) {
                Breaking.pass(.registering)
                if let twin = try Breaking.takeTwin().flatMap(session.id(ofNodeNamed:)) {
                    return .registered(request, twin)
                }
                let isAdmitted = try session.send(
                    .register(id, name: name, lease: timing.lease, at: clock.now(), configuration: configuration))
                guard isAdmitted else {
                    refuse()
                    return .stop
                }
                metrics.noteJoin()
                return .registered(request, id)
            }
        case .renew(let request, let id, let renewal, let applied):
            inbox.note(sending: member.sendings)
            call(request) {
                let renewal = try session.renewals(of: id, known: renewal)
                return try read(
                    session.send(.renew(id, renewal: renewal, applied: applied, at: clock.now())), request
                ) { rows in
                    metrics.noteRenewal()
                    return .renewed(request, rows)
                }
            }
        case .follow(let request, let id, let renewal, let applied):
            call(request) {
                let renewal = try session.renewals(of: id, known: renewal)
                return try read(session.send(.follow(id, renewal: renewal, applied: applied)), request) { rows in
                    .followed(request, rows)
                }
            }
        case .apply(let request, let rows):
            Breaking.pass(.applying)
            memory.apply(rows.compactMap(\.effect))
            events.append(.published(request))
        case .acknowledge(let request, let id, let renewal, let applied):
            call(request) {
                let renewal = try session.renewals(of: id, known: renewal)
                return try session.send(.acknowledge(id, renewal: renewal, applied: applied))
                    ? .acknowledged(request) : .fenced(request)
            }
        case .withdraw(let id, let renewal): withdraw(id, renewal)
        case .reportLostHistory(let place):
            logger.error(
                """
                the database's change log does not go on from revision \(place.revision): it was restored, trimmed or \
                written by somebody else; memory begins anew
                """)
        case .wake(let moment): wake = moment
        }
    }

    /// Memory is a cache of the database: the state at a place is what is read after everything was forgotten.
    private func load(_ request: Member<LoggedChange>.Request) {
        call(request) {
            // First the timeline: where a server takes over in between, the next renewal finds another one.
            timeline = try session.send(.look()).timeline
            let place = try session.read { try LogPlace.end($0) }
            memory.apply([.everything])
            return .loaded(request, place)
        }
    }

    private func read(
        _ answer: Renewal, _ request: Member<LoggedChange>.Request,
        _ event: ([LoggedChange]) -> Member<LoggedChange>.Event
    ) -> Member<LoggedChange>.Event {
        switch answer {
        case .rows(let rows, let timeline, let inForce):
            guard configuration == nil || inForce == configuration else {
                refuse()
                return .dismissed(request)
            }
            guard timeline == self.timeline else {
                logger.warning("another server has taken over: memory begins anew")
                return .overtaken(request)
            }
            return event(rows)
        case .fenced: return .fenced(request)
        case .tooMany: return .overtaken(request)
        }
    }

    /// Another configuration is in force: the lease is given back, and nothing may be decided until this process is
    /// started with that one.
    private func refuse() {
        logger.error("\(Failure.otherConfiguration.detail) Until then every verification is answered with unavailable.")
        inbox.refuse(.otherConfiguration)
    }

    private func withdraw(_ id: NodeID, _ renewal: Int64) {
        do {
            try session.send(.withdraw(id, renewal: session.renewals(of: id, known: renewal)))
        } catch {
            logger.info("a row of this node stays until its lease is over: \(error)")
        }
    }

    /// Calls the database; a failure is what `Member` and those who wait are told of.
    private func call(
        _ request: Member<LoggedChange>.Request, _ body: () throws -> Member<LoggedChange>.Event
    ) {
        defer { metrics.note(connections: session.connections) }
        do {
            events.append(try body())
            guard inbox.isFailing else { return }
            logger.notice("the database answers again")
            inbox.isFailing = false
        } catch {
            metrics.noteFailure()
            if !inbox.isFailing { logger.warning("the database does not answer: \(error)") }
            inbox.isFailing = true
            events.append(.failed(request))
        }
    }

    /// Looks for nodes that have stopped renewing, now and then.
    private func reap() {
        guard member.id != nil, !inbox.isFailing, reaping.isDue(at: Moment.now()) else { return }
        do {
            try session.send(.forgetGrants(before: clock.now()))
            let view = try session.send(.look())
            let jitter = Span(microseconds: .random(in: 0...100_000))
            for node in reaping.observe(view.rows, jitter: jitter, at: Moment.now()) {
                logger.warning("a node has stopped renewing its lease and is taken for dead")
                try session.send(.bury(node.id, renewal: node.renewal, at: clock.now()))
            }
        } catch {
            logger.info("the nodes could not be looked at: \(error)")
        }
    }
}
