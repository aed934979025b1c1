/// A node's part in the protocol, as a state machine: what happened goes in with the clock's reading, what is to be
/// done comes out. It does nothing itself, so that every order of events can be tried.
///
/// What it promises: whoever reads the clock, finds `now < leaseEnd` and looks into memory after that finds every
/// change there whose revoke had returned before the clock was read.
public struct Member<Row: Change>: Sendable {
    public typealias Place = Position<Row.Link>

    private enum Phase {
        case out
        case waiting(until: Moment)
        case loading(Request)
        case registering(Request, Place)
        case resting(until: Moment)
        case renewing(Request, sent: Moment)
        case following(Request)
        /// When the renewal was sent that has read it; nil where none was.
        case publishing(Request, sent: Moment?, Place)
        case acknowledging(Request)

        /// What it waits for an answer to.
        var request: Request? {
            switch self {
            case .out, .waiting, .resting: nil
            case .loading(let request), .registering(let request, _), .renewing(let request, _),
                .following(let request), .publishing(let request, _, _), .acknowledging(let request):
                request
            }
        }
    }

    private let timing: Timing
    private let breakage: Breakage
    private var phase = Phase.out
    private var requests: Int64 = 0
    private var isHinted = false
    private var hasNews = false
    /// The name it is registered under.
    public private(set) var id: NodeID?
    private var renewal: Int64 = 0
    public private(set) var place: Place?
    /// Memory may be believed before this moment of the node's own clock.
    public private(set) var leaseEnd = Moment.never
    private var lastSent = Moment.never
    /// How many renewals it has sent.
    public private(set) var sendings: Int64 = 0
    /// Memory reflects every change that was committed before this one of them was sent.
    public private(set) var confirmed: Int64 = 0

    public init(_ timing: Timing, breaking breakage: Breakage = Breakage()) {
        self.timing = timing
        self.breakage = breakage
    }

    /// The revision that memory reflects.
    public var applied: Int64 { place?.revision ?? 0 }

    public mutating func handle(_ event: Event, at now: Moment) -> [Command] {
        switch event {
        case .start: return rejoin(now)
        case .stop: return leave()
        case .clockIsDoubtful:
            leaseEnd = .never
            return hinted(now)
        case .machineWasCopied:
            id = nil
            return rejoin(now)
        case .news: return heard(now)
        case .hint: return hinted(now)
        case .tick: return tick(now)
        case .loaded(let request, let place): return loaded(request, place, now)
        case .registered(let request, let id): return registered(request, id, now)
        case .renewed(let request, let rows): return renewed(request, rows, now)
        case .followed(let request, let rows): return followed(request, rows, now)
        case .overtaken(let request): return endReading(request) ? rejoin(now) : []
        case .dismissed(let request): return endReading(request) ? leave() : []
        case .fenced(let request): return fenced(request, now)
        case .published(let request): return published(request, now)
        case .acknowledged(let request):
            guard case .acknowledging(request) = phase else { return [] }
            return rest(now)
        case .failed(let request): return failed(request, now)
        case .abandoned: return phase.request.map { failed($0, now) } ?? []
        }
    }
}

// MARK: Joining and leaving

extension Member {
    private mutating func rejoin(_ now: Moment) -> [Command] {
        let withdrawal = leave()
        let request = nextRequest()
        phase = .loading(request)
        return withdrawal + [.load(request)]
    }

    private mutating func leave() -> [Command] {
        leaseEnd = .never
        phase = .out
        isHinted = false
        hasNews = false
        defer { id = nil }
        return id.map { [.withdraw($0, renewal: renewal)] } ?? []
    }

    private mutating func loaded(_ request: Request, _ place: Place, _ now: Moment) -> [Command] {
        guard case .loading(request) = phase else { return [] }
        self.place = place
        let next = nextRequest()
        phase = .registering(next, place)
        if breakage.ignores(.rowComesBeforeLease) { leaseEnd = now.advanced(by: timing.usableLease) }
        return [.register(next)]
    }

    private mutating func registered(_ request: Request, _ id: NodeID, _ now: Moment) -> [Command] {
        guard case .registering(request, _) = phase else { return [] }
        self.id = id
        renewal = 0
        return renew(now)
    }

    /// Its name is not its own any more: what it held under that name is void.
    private mutating func fenced(_ request: Request, _ now: Moment) -> [Command] {
        switch phase {
        case .renewing(request, _), .following(request), .acknowledging(request): break
        default: return []
        }
        if breakage.ignores(.fencedNodeStops) {
            leaseEnd = max(leaseEnd, now.advanced(by: timing.usableLease))
            return rest(now)
        }
        id = nil
        return rejoin(now)
    }
}

// MARK: Renewing

extension Member {
    private mutating func renew(_ now: Moment) -> [Command] {
        guard let id else { return [] }
        let request = nextRequest()
        isHinted = false
        hasNews = false
        lastSent = now
        sendings += 1
        phase = .renewing(request, sent: now)
        return [.renew(request, id, renewal: renewal, applied: applied)]
    }

    private mutating func renewed(_ request: Request, _ rows: [Row], _ now: Moment) -> [Command] {
        guard case .renewing(request, let sent) = phase else { return [] }
        renewal += 1
        return publish(rows, sent: sent, now)
    }

    /// Whether it was this question that was answered.
    private mutating func endReading(_ request: Request) -> Bool {
        switch phase {
        case .renewing(request, _): renewal += 1
        case .following(request): break
        default: return false
        }
        return true
    }

    /// A renewal that is due would read the same. Without a lease there is one at once, since that is what is missing.
    private mutating func follow(_ now: Moment) -> [Command] {
        guard let id, now < leaseEnd, now < lastSent.advanced(by: timing.interval) else { return renew(now) }
        let request = nextRequest()
        hasNews = false
        phase = .following(request)
        return [.follow(request, id, renewal: renewal, applied: applied)]
    }

    private mutating func followed(_ request: Request, _ rows: [Row], _ now: Moment) -> [Command] {
        guard case .following(request) = phase else { return [] }
        return publish(rows, sent: nil, now)
    }

    /// - Parameter sent: when the renewal was sent that has read the rows; nil where none was.
    private mutating func publish(_ rows: [Row], sent: Moment?, _ now: Moment) -> [Command] {
        guard let place else { return [] }
        guard let (news, end) = news(in: rows, after: place) else {
            return [.reportLostHistory(place)] + rejoin(now)
        }
        let next = nextRequest()
        phase = .publishing(next, sent: sent, end)
        if news.isEmpty { return published(next, now) }
        if breakage.ignores(.leaseFollowsPublication), let sent { extendLease(from: sent) }
        var commands: [Command] = [.apply(next, news)]
        if breakage.ignores(.acknowledgementFollowsPublication), let id {
            commands.insert(.acknowledge(next, id, renewal: renewal, applied: end.revision), at: 0)
        }
        return commands
    }

    /// The rows behind the place.
    ///
    /// The newest row of a log is never trimmed, so there is none without a row that could be missed.
    ///
    /// - Returns: nil where the log does not go on from the place: trimmed, damaged, or another log.
    private func news(in rows: [Row], after place: Place) -> ([Row], Place)? {
        var end = place
        var news = rows[...]
        if place.revision > 0, !breakage.ignores(.historyIsCompared) {
            guard let first = news.popFirst(), first.revision == place.revision, first.link == place.link else {
                return nil
            }
        } else {
            news = news.drop { $0.revision <= place.revision }
        }
        for row in news {
            let isNext = row.revision == end.revision + 1 && row.stands(behind: end.link)
            guard isNext || breakage.ignores(.changesHaveNoGap) || breakage.ignores(.historyIsCompared) else {
                return nil
            }
            end = Place(revision: row.revision, link: row.link)
        }
        return (Array(news), end)
    }

    private mutating func published(_ request: Request, _ now: Moment) -> [Command] {
        guard case .publishing(request, let sent, let end) = phase, let id else { return [] }
        let hasMoved = end.revision != applied
        place = end
        if let sent {
            extendLease(from: breakage.ignores(.leaseIsCountedFromSending) ? now : sent)
            confirmed = sendings
        }
        guard hasMoved else { return rest(now) }
        let next = nextRequest()
        phase = .acknowledging(next)
        return [.acknowledge(next, id, renewal: renewal, applied: applied)]
    }

    private mutating func extendLease(from sent: Moment) {
        let lease = breakage.ignores(.leaseHasAMargin) ? timing.lease : timing.usableLease
        leaseEnd = max(leaseEnd, sent.advanced(by: lease))
    }

    private mutating func rest(_ now: Moment) -> [Command] {
        if isHinted { return renew(now) }
        if hasNews { return follow(now) }
        // Counted from the last sending, so that answers that take long do not make renewals rare.
        let next = max(now, lastSent.advanced(by: timing.interval))
        phase = .resting(until: next)
        return [.wake(next)]
    }

    private mutating func failed(_ request: Request, _ now: Moment) -> [Command] {
        switch phase {
        case .loading(request), .registering(request, _):
            let next = now.advanced(by: timing.pause)
            phase = .waiting(until: next)
            return [.wake(next)]
        case .renewing(request, _), .following(request), .acknowledging(request):
            let next = now.advanced(by: timing.pause)
            phase = .resting(until: next)
            return [.wake(next)]
        case .publishing(request, _, _):
            // Memory could not take the changes: it is not known any more what it holds. The row stays, since it may be
            // a copy's as well.
            id = nil
            return rejoin(now)
        default: return []
        }
    }

    private mutating func heard(_ now: Moment) -> [Command] {
        hasNews = true
        if case .resting = phase { return follow(now) }
        return []
    }

    private mutating func hinted(_ now: Moment) -> [Command] {
        isHinted = true
        if case .resting = phase { return renew(now) }
        return []
    }

    private mutating func tick(_ now: Moment) -> [Command] {
        switch phase {
        case .waiting(let moment): return now < moment ? [.wake(moment)] : rejoin(now)
        case .resting(let moment): return now < moment ? [.wake(moment)] : renew(now)
        default: return []
        }
    }

    private mutating func nextRequest() -> Request {
        requests += 1
        return Request(number: requests)
    }
}
