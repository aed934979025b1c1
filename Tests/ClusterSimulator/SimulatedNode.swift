import KeybearerCluster

/// One process: its clock, its memory and what it is suffering from.
final class SimulatedNode {
    enum Known { case denied, accepted, unknown }

    let index: Int
    var member: Member<SimulatedRow>
    var reaper: Reaper
    var timing: Timing
    var isRunning = false
    /// Counts processes: what one began does not end in the next.
    var incarnation = 0
    var memory: [Known]
    /// Moves when a key changes, so that a read from before can be told.
    var generations: [Int]
    /// The place that memory reflects, and that every thread decides by.
    var published: Int64 = 0

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

    // Verifications under way.
    var epoch = 0
    var deciding = 0
    var remaining = 0
    var quiesced: (() -> Void)?
    var cachedClock = Moment.never

    /// When it first saw the timeline that it sees now, for a server that has failed over.
    var timeline = 0
    var timelineSeen = Moment.never

    init(index: Int, keys: Int, _ timing: Timing, breaking breakage: Breakage, offset: Int64, partsPerMillion: Int64) {
        self.index = index
        self.timing = timing
        member = Member(timing, breaking: breakage)
        reaper = Reaper(breaking: breakage)
        memory = Array(repeating: .unknown, count: keys)
        generations = Array(repeating: 0, count: keys)
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

    /// - Returns: the epoch to leave with.
    func enter() -> Int {
        deciding += 1
        return epoch
    }

    func leave(_ entered: Int) {
        deciding -= 1
        guard entered < epoch, remaining > 0 else { return }
        remaining -= 1
        if remaining == 0 {
            let done = quiesced
            quiesced = nil
            done?()
        }
    }

    /// Calls back once nobody decides who does so now.
    func quiesce(_ done: @escaping () -> Void) {
        epoch += 1
        remaining = deciding
        quiesced = nil
        if remaining == 0 { done() } else { quiesced = done }
    }
}
