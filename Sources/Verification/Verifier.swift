import Synchronization

/// "May this key do this, now?" From memory where memory can say, and never "yes" where nothing can.
public final class Verifier: Sendable {
    private let format: KeyFormat
    private let peppers: Peppers
    private let cache: RecordCache
    private let source: any KeyRecordSource
    private let freshness: any Freshness
    private let limiter: RateLimiter
    private let meter: UsageMeter
    private let clock: WallClock
    private let report: @Sendable (any Error) -> Void
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
        switch identify(credential) {
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

    private func limit(
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
    /// Whether the credential is good and which key it is: no permission, no rate limit, and nothing counted. For
    /// the control plane, which looks at permissions itself.
    public func inspect(_ credential: PresentedCredential, address: IPAddress?) async -> Decision {
        switch identify(credential) {
        case .refused(let verdict): return Decision(verdict: verdict, revision: freshness.revision)
        case .digest(let digest):
            let found = await resolve(peppers.candidates(digest), minimumRevision: nil, strict: false)
            guard case .record(let record, let revision) = found else {
                return Decision(verdict: found.refusal, revision: freshness.revision)
            }
            let verdict = record.decide(AccessRequest(address: address), now: clock.now())
            return Decision(verdict: verdict, record: record, revision: revision)
        }
    }

    /// Every check that `verify` would make of the key, in its order; counts nothing.
    public func explain(_ digest: StoredDigest, _ request: AccessRequest) async -> Explanation {
        let found = await resolve([digest], minimumRevision: nil, strict: false)
        guard case .record(let record, _) = found else { return Explanation(checks: [], verdict: found.refusal) }
        let now = clock.now()
        let checks = record.explain(request, now: now)
        let organization = record.organization.rateLimit.map { (record.organization.id, $0) }
        let limit = limiter.peek(
            key: record.id, policy: record.rateLimit, organization: organization, cost: request.cost, now: now)
        let all = checks + [Check(limit, isDecisive: !limit.admitted && checks.allSatisfy(\.passed))]
        return Explanation(checks: all, verdict: all.first(where: \.isDecisive)?.verdict ?? .valid)
    }
}

extension Verifier {
    private enum Identity {
        case refused(Verdict)
        case digest(KeyDigest)
    }

    private func identify(_ credential: PresentedCredential) -> Identity {
        switch credential {
        case .missing: return .refused(.missing)
        case .digest(let digest): return .digest(digest)
        case .text(let text):
            guard !text.isEmpty else { return .refused(.missing) }
            if let key = format.parse(text) { return .digest(KeyDigest(of: key)) }
            return mayBeForeign(text) ? .digest(KeyDigest(ofText: text)) : .refused(.malformed)
        }
    }

    // One of our own form with a wrong checksum is a typo, whatever has been imported.
    private func mayBeForeign(_ text: [UInt8]) -> Bool {
        acceptsForeignForms && text.count <= 512 && !format.hasShape(text)
    }

    private func find(_ digest: KeyDigest) -> RecordCache.Lookup {
        peppers.hasOneForm ? cache.lookup(peppers.seal(digest)) : find(peppers.candidates(digest))
    }

    /// Absent only where every form of the digest is.
    private func find(_ candidates: [StoredDigest]) -> RecordCache.Lookup {
        var result = RecordCache.Lookup.absent
        for candidate in candidates {
            let found = cache.lookup(candidate)
            switch found {
            case .hit, .denied: return found
            case .miss: result = .miss
            case .absent: continue
            }
        }
        return result
    }

    /// What is known of the key once memory is current. A lease that ends meanwhile is waited for again, but not
    /// for ever.
    private func resolve(_ candidates: [StoredDigest], minimumRevision: Int64?, strict: Bool) async -> Found {
        do {
            let isBehind = minimumRevision.map { freshness.revision < $0 } ?? false
            if strict || isBehind { try await freshness.catchUp() }
            guard minimumRevision.map({ $0 <= freshness.revision }) ?? true else { return .unavailable }
            for _ in 0..<3 {
                if !freshness.isCurrent() { try await freshness.catchUp() }
                let revision = freshness.revision
                guard freshness.isCurrent() else { continue }
                if let found = Found(find(candidates), revision: revision) { return found }
                let loaded = try await cache.load(candidates, from: source)
                if freshness.isCurrent() { return Found(loaded, revision: revision) }
            }
        } catch {
            report(error)
        }
        return .unavailable
    }
}

/// What there is behind a digest.
private enum Found {
    case record(KeyRecord, revision: Int64)
    case absent
    case denied
    case unavailable

    /// Nil where memory cannot say.
    init?(_ lookup: RecordCache.Lookup, revision: Int64) {
        switch lookup {
        case .hit(let record): self = .record(record, revision: revision)
        case .absent: self = .absent
        case .denied: self = .denied
        case .miss: return nil
        }
    }

    init(_ loaded: KeyRecord?, revision: Int64) {
        self = loaded.map { .record($0, revision: revision) } ?? .absent
    }

    /// What is answered where there is no record to decide about.
    var refusal: Verdict {
        switch self {
        case .record, .unavailable: .unavailable
        case .absent: .notFound
        case .denied: .revoked
        }
    }
}

extension Check {
    fileprivate init(_ limit: (admitted: Bool, state: RateLimitState), isDecisive: Bool) {
        let state = limit.state
        let left = "\(state.remaining) of \(state.limit) left for \(state.resetSeconds) s, policy \(state.policyName)."
        self.init(
            name: "rate_limit", passed: limit.admitted, verdict: .rateLimited, detail: left, isDecisive: isDecisive)
    }
}
