import KeybearerCluster

/// One process: its clock, its memory and what it is suffering from.
final class SimulatedNode {
    enum Known { case denied, accepted, unknown }

    let index: Int
    var member: Member<SimulatedRow>
    var reaping: Reaping
    var timing: Timing
    var isRunning = false
    /// Counts processes: what one began does not end in the next.
    var incarnation = 0
    var memory: [Known]
    /// Moves when a key changes, so that a read from before can be told.
    var generations: [Int]
    /// The place that memory reflects, and that every thread decides by.
    var published: Int64 = 0

    /// Whether its next reading of all keys takes long.
    var fillsSlowly = false
    /// How many readings of all keys are under way.
    var fills = 0

    // Its surroundings.
    var pausedUntil: Int64 = 0
    /// A pause that begins while the next renewal is under way.
    var pauseWhileRenewing: Int64?
    var cannotSendUntil: Int64 = 0
    var cannotReceiveUntil: Int64 = 0
    var hearsNothingUntil: Int64 = 0
    var hasNoConnectionUntil: Int64 = 0
    private var clockOffset: Int64
    private var clockPartsPerMillion: Int64
    private var clockLag: Int64 = 0
    private var clockStoppedSince: Int64?

    var cachedClock = Moment.never
    /// Whether its last call to the database got no answer; hints are kept for later meanwhile.
    var isFailing = false
    var isHinted = false
    /// When its last renewal was sent, by its clock.
    var renewalSent = Moment.never
    /// The newest revision by which this process has refused each key, of one server's log.
    var refused: [Int64]
    var refusedTimeline = 0
    /// Those who wait until memory reflects everything that was committed before they asked.
    var waiters: [(sendings: Int64, resume: (Bool) -> Void)] = []
    /// Reads under way, by key: whoever asks for the same shares one.
    var reads: [Int: SharedRead] = [:]

    /// Of the server that memory began with.
    var loadedTimeline = 0
    /// When a barrier of this process first saw the timeline that it sees now.
    var timeline = 0
    var timelineSeen = Moment.never
    /// Of all the nodes that its barriers have ever seen.
    var longestLease = Span(microseconds: 0)

    init(index: Int, keys: Int, _ timing: Timing, breaking breakage: Breakage, offset: Int64, partsPerMillion: Int64) {
        self.index = index
        self.timing = timing
        member = Member(timing, breaking: breakage)
        reaping = Reaping(timing, breaking: breakage)
        memory = Array(repeating: .unknown, count: keys)
        refused = Array(repeating: 0, count: keys)
        generations = Array(repeating: 0, count: keys)
        longestLease = timing.lease
        clockOffset = offset
        clockPartsPerMillion = partsPerMillion
    }

    func clock(at time: Int64) -> Moment {
        let running = clockStoppedSince.map { min($0, time) } ?? time
        return Moment(
            microseconds: clockOffset + running - clockLag + (running - clockLag) * clockPartsPerMillion / 1_000_000)
    }

    /// How long a span of its clock lasts, rounded up.
    func duration(of span: Span) -> Int64 {
        span.microseconds - span.microseconds * clockPartsPerMillion / 1_000_000 + 2
    }

    func stopClock(at time: Int64) { clockStoppedSince = clockStoppedSince ?? time }

    func startClock(at time: Int64) {
        guard let since = clockStoppedSince else { return }
        clockLag += time - since
        clockStoppedSince = nil
    }

    /// What ends with the process.
    func forgetProcess() {
        memory = Array(repeating: .unknown, count: memory.count)
        for key in generations.indices { generations[key] += 1 }
        refused = Array(repeating: 0, count: refused.count)
        renewalSent = .never
        published = 0
        (isFailing, isHinted) = (false, false)
        waiters = []
        reads = [:]
        fills = 0
        (loadedTimeline, timeline, timelineSeen) = (0, 0, .never)
        longestLease = timing.lease
    }
}

/// A read of one key that several requests wait for.
final class SharedRead {
    let generation: Int
    /// Given whether the key is refused; nil where the database did not answer.
    var waiters: [(Bool?) -> Void] = []

    init(generation: Int) { self.generation = generation }
}
