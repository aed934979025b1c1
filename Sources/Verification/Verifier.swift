import Synchronization

/// "May this key do this, now?" From memory where memory can say, and never "yes" where nothing can.
public final class Verifier: Sendable {
    let format: KeyFormat
    let peppers: Peppers
    let cache: RecordCache
    let source: any KeyRecordSource
    let freshness: any Freshness
    let limiter: RateLimiter
    private let meter: UsageMeter
    let clock: WallClock
    let report: @Sendable (any Error) -> Void
    private let foreignForms = Atomic(false)

    /// - Parameter report: told of each failure that made an answer `unavailable`, to log it. Must not block.
    public init(
        format: KeyFormat, peppers: Peppers, cache: RecordCache, source: any KeyRecordSource,
        freshness: any Freshness, limiter: RateLimiter, meter: UsageMeter, clock: WallClock,
        report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.format = format
        self.peppers = peppers
        self.cache = cache
        self.source = source
        self.freshness = freshness
        self.limiter = limiter
        self.meter = meter
        self.clock = clock
        self.report = report
    }

    /// Whether there are imported keys, whose text may be anything of 1…512 bytes. While there are none, a text
    /// that is not of the format is refused without a lookup.
    public var acceptsForeignForms: Bool {
        get { foreignForms.load(ordering: .relaxed) }
        set { foreignForms.store(newValue, ordering: .relaxed) }
    }

    /// Decides, counts against the rate limits where the answer is yes, and meters the outcome.
    ///
    /// - Parameters:
    ///   - minimumRevision: a change that must have been taken into account; `unavailable` where it cannot be.
    ///   - strict: catch up with everything committed before this call first.
    public func verify(
        _ credential: PresentedCredential, _ request: AccessRequest, minimumRevision: Int64? = nil,
        strict: Bool = false
    ) async -> Decision {
        let isRecentEnough = !strict && minimumRevision.map { $0 <= freshness.revision } ?? true
        if isRecentEnough, let decision = verifyInMemory(credential, request) { return decision }
        switch identify(credential) {
        case .refused(let verdict): return refuse(verdict)
        case .digest(let digest):
            let found = await resolve(peppers.candidates(digest), minimumRevision: minimumRevision, strict: strict)
            return conclude(found, request)
        }
    }

    /// The hot path: what `verify` answers, where that needs neither a load nor catching up; nil otherwise, with
    /// nothing counted.
    public func verifyInMemory(_ credential: PresentedCredential, _ request: AccessRequest) -> Decision? {
        verifyInMemory(identify(credential), request)
    }

    /// The same for a text that stands in somebody else's buffer, without a copy of it.
    public func verifyInMemory(text: UnsafeBufferPointer<UInt8>, _ request: AccessRequest) -> Decision? {
        verifyInMemory(identify(text: text), request)
    }

    private func verifyInMemory(_ identity: Identity, _ request: AccessRequest) -> Decision? {
        switch identity {
        case .refused(let verdict): return refuse(verdict)
        case .digest(let digest):
            guard freshness.isCurrent() else { return nil }
            let revision = freshness.revision
            return Found(find(digest), revision: revision).map { conclude($0, request) }
        }
    }

    private func conclude(_ found: Found, _ request: AccessRequest) -> Decision {
        guard case .record(let record, let revision) = found else { return refuse(found.refusal) }
        let now = clock.now()
        let verdict = record.decide(request, now: now)
        let limit = limit(record, cost: request.cost, isTaken: verdict == .valid, now)
        let final = verdict == .valid && !limit.admitted ? .rateLimited : verdict
        meter.record(final, of: record, asked: request.permission, address: request.address, at: now)
        return Decision(
            verdict: final, record: record, rateLimit: limit.state,
            retryAfterSeconds: final == .rateLimited ? limit.state.resetSeconds : nil, revision: revision)
    }

    func limit(
        _ record: KeyRecord, cost: Int, isTaken: Bool, _ now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let organization = record.organization.rateLimit.map { (record.organization.id, $0) }
        guard isTaken else {
            return limiter.peek(key: record.id, policy: record.rateLimit, organization: organization, cost: 0, now: now)
        }
        return limiter.take(key: record.id, policy: record.rateLimit, organization: organization, cost: cost, now: now)
    }

    private func refuse(_ verdict: Verdict) -> Decision {
        meter.record(verdict)
        return Decision(verdict: verdict, revision: freshness.revision)
    }
}

extension Verifier {
    enum Identity {
        case refused(Verdict)
        case digest(KeyDigest)
    }

    func identify(_ credential: PresentedCredential) -> Identity {
        switch credential {
        case .missing: return .refused(.missing)
        case .digest(let digest): return .digest(digest)
        case .text(let text): return text.withUnsafeBufferPointer { identify(text: $0) }
        }
    }

    func identify(text: UnsafeBufferPointer<UInt8>) -> Identity {
        guard !text.isEmpty else { return .refused(.missing) }
        if let digest = format.digest(of: text) { return .digest(digest) }
        return mayBeForeign(text) ? .digest(KeyDigest(ofText: text)) : .refused(.malformed)
    }

    // One of our own form with a wrong checksum is a typo, whatever has been imported.
    private func mayBeForeign(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        acceptsForeignForms && text.count <= 512 && !format.hasShape(text)
    }
}
