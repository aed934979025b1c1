import Synchronization

/// "May this key do this, now?" From memory where memory can say, and never "yes" where nothing can.
public final class Verifier: Sendable {
    let format: KeyFormat
    let peppers: Peppers
    let cache: RecordCache
    let source: any KeyRecordSource
    let freshness: any Freshness
    let clock: WallClock
    let report: @Sendable (any Error) -> Void
    /// Whether every call catches up with what was committed before it.
    let isAlwaysStrict: Bool
    private let foreignForms = Atomic(false)
    private let grants: GrantedLimits?

    /// - Parameters:
    ///   - isAlwaysStrict: no call is answered before everything committed before it is known, and no clock is trusted
    ///     for that; each then waits for the database.
    ///   - grants: where policies that are shared with other nodes get their portions.
    ///   - report: told of each failure that made an answer `unavailable`, to log it. Must not block.
    public init(
        format: KeyFormat, peppers: Peppers, cache: RecordCache, source: any KeyRecordSource,
        freshness: any Freshness, clock: WallClock, isAlwaysStrict: Bool = false,
        grants: (any LimitGrants)? = nil,
        report: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.format = format
        self.peppers = peppers
        self.cache = cache
        self.source = source
        self.freshness = freshness
        self.clock = clock
        self.isAlwaysStrict = isAlwaysStrict
        self.grants = grants.map { source in
            GrantedLimits(source, clock: clock) { amount, wish in
                cache.grant(amount, wish, digest: wish.digest, clock.now())
            }
        }
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
            let found = await resolve(
                peppers.candidates(digest), minimumRevision: minimumRevision, strict: strict || isAlwaysStrict)
            return await conclude(found, request)
        }
    }

    /// The hot path: what `verify` answers, where that needs neither a load nor catching up; nil otherwise, with
    /// nothing counted.
    public func verifyInMemory(_ credential: PresentedCredential, _ request: AccessRequest) -> Decision? {
        let moment = moment()
        return verifyInMemory(identify(credential), request, moment)
    }

    /// The same for a text that stands in somebody else's buffer, without a copy of it.
    /// - Parameter foreseen: of the same buffer; another text's is no use and does no harm.
    public func verifyInMemory(
        text: UnsafeBufferPointer<UInt8>, _ request: AccessRequest, foreseen: ForeseenKey? = nil
    ) -> Decision? {
        let moment = moment()
        if let foreseen, foreseen.stands(at: text) {
            return verifyInMemory(.digest(foreseen.digest), request, moment)
        }
        return verifyInMemory(identify(text: text), request, moment)
    }

    /// The same for calls that arrived together: the memory that they need is waited for once and not by each.
    public func verifyInMemory(_ calls: [TextCall]) -> [Decision?] {
        let moment = moment()
        let identities = calls.map { identify(text: $0.text) }
        prefetch(identities, \.digest)
        return calls.indices.map { verifyInMemory(identities[$0], calls[$0].request, moment) }
    }

    /// What holds once the request has arrived and before any record is looked at. Asked before the text is hashed:
    /// each step of a hash waits for the one before, so the processor does both at once.
    private struct Moment {
        let isCurrent: Bool
        let revision: Int64
        let now: Timestamp
    }

    private func moment() -> Moment {
        // In this order: what memory reflects once it was current, it still does.
        let isCurrent = freshness.isCurrent()
        return Moment(isCurrent: isCurrent, revision: freshness.revision, now: clock.now())
    }

    @inline(__always)
    private func verifyInMemory(_ identity: Identity, _ request: AccessRequest, _ moment: Moment) -> Decision? {
        switch identity {
        case .refused(let verdict): return refuse(verdict)
        case .digest(let digest):
            guard !isAlwaysStrict, moment.isCurrent else { return nil }
            let (revision, now) = (moment.revision, moment.now)
            let answer =
                peppers.hasOneForm
                ? cache.decide(peppers.seal(digest), request, now) : decide(peppers.candidates(digest), request, now)
            if case .judged(let judgement) = answer, judgement.isCounted, !judgement.record.rateLimit.isShared {
                return Decision(judgement, now, revision: revision)
            }
            return conclude(answer, request, now, revision: revision)
        }
    }

    /// What is not a plain valid call. Apart, so that those do not copy what they are told.
    @inline(never)
    private func conclude(
        _ answer: RecordCache.Answer, _ request: AccessRequest, _ now: Timestamp, revision: Int64
    ) -> Decision? {
        switch answer {
        case .judged(let judgement):
            guard case .decided(let decision) = conclude(judgement, request, now, revision: revision) else {
                return nil
            }
            return decision
        case .absent: return refuse(.notFound)
        case .denied: return refuse(.revoked)
        case .miss: return nil
        }
    }

    /// Absent only where every form of the digest is.
    private func decide(
        _ candidates: [StoredDigest], _ request: AccessRequest, _ now: Timestamp
    ) -> RecordCache.Answer {
        var result = RecordCache.Answer.absent
        for candidate in candidates {
            let answer = cache.decide(candidate, request, now)
            switch answer {
            case .judged, .denied: return answer
            case .miss: result = .miss
            case .absent: continue
            }
        }
        return result
    }

    /// Grants are waited for a few times: others may take what was granted before this call comes to it.
    private func conclude(_ found: Found, _ request: AccessRequest) async -> Decision {
        guard case .record(let record, let revision) = found else { return refuse(found.refusal) }
        var patience = 4
        while true {
            let now = clock.now()
            guard case .judged(let judgement) = cache.decide(record, request, now) else { return refuse(.revoked) }
            switch conclude(judgement, request, now, revision: revision, mayAsk: patience > 0) {
            case .decided(let decision): return decision
            case .wants(let wish): patience = await grants?.obtain(wish) == true ? patience - 1 : 0
            }
        }
    }

    private enum Conclusion {
        case decided(Decision)
        /// Nothing was taken or counted: a portion of a shared window has to be asked for first.
        case wants(GrantWish)
    }

    /// Adds what is not beside the record: the organization's limit, and the counts of all but plain valid calls.
    private func conclude(
        _ judgement: Judgement, _ request: AccessRequest, _ now: Timestamp, revision: Int64, mayAsk: Bool = true
    ) -> Conclusion {
        let (record, policy) = (judgement.record, judgement.record.rateLimit)
        var (verdict, state) = (judgement.verdict, judgement.admission.state(.key, policy, now))
        if policy.isShared {
            let wish = GrantWish(
                holder: .key(record.id), policy: policy, windowEnd: judgement.admission.end, cost: request.cost,
                digest: record.digest)
            if let answer = ask(wish, isAdmitted: verdict != .rateLimited, state, mayAsk) { return answer }
        }
        if judgement.isCounted { return .decided(Decision(judgement, now, revision: revision)) }
        if let policy = record.organization.rateLimit, verdict != .rateLimited {
            let whole = limit(record.organization.id, policy, verdict == .valid ? request.cost : nil, now)
            let shared = whole.state(.organization, policy, now)
            if !whole.isAdmitted {
                // No two locks are ever held at once, so the key's share was reserved before and is given back here.
                cache.giveBack(request.cost, to: record, end: judgement.admission.end)
                verdict = .rateLimited
            }
            if policy.isShared {
                let wish = GrantWish(
                    holder: .organization(record.organization.id), policy: policy, windowEnd: whole.end,
                    cost: request.cost, digest: nil)
                if let answer = ask(wish, isAdmitted: whole.isAdmitted, shared, mayAsk) { return answer }
            }
            if !whole.isAdmitted || shared.remaining < state.remaining { state = shared }
        }
        cache.meter.record(verdict, of: record, asked: request.permission, address: request.address, at: now)
        return .decided(
            Decision(verdict: verdict, record: record, rateLimit: state, revision: revision))
    }

    /// What a shared window needs: a portion now, where the call found none, or soon, at each halving of the little that
    /// is left.
    private func ask(
        _ wish: GrantWish, isAdmitted: Bool, _ state: RateLimitState, _ mayAsk: Bool
    ) -> Conclusion? {
        guard let grants else { return nil }
        if isAdmitted {
            let isLittle = state.remaining <= wish.policy.requests / 32
            if isLittle, state.remaining & (state.remaining - 1) == 0 { grants.askAhead(wish) }
            return nil
        }
        return mayAsk && grants.mayGrow(wish.holder, windowEnd: wish.windowEnd) ? .wants(wish) : nil
    }

    private func limit(
        _ organization: OrganizationID, _ policy: RateLimitPolicy, _ cost: Int?, _ now: Timestamp
    ) -> Admission {
        cost.map { cache.limiter.take($0, of: organization, policy, now) }
            ?? cache.limiter.peek(0, of: organization, policy, now)
    }

    private func refuse(_ verdict: Verdict) -> Decision {
        cache.meter.record(verdict)
        return Decision(verdict: verdict, revision: freshness.revision)
    }
}

extension Decision {
    /// What the record said, where that is all: a call that is counted is valid and under no organization's limit.
    @inline(__always)
    fileprivate init(_ judgement: Judgement, _ now: Timestamp, revision: Int64) {
        self.init(
            verdict: judgement.verdict, record: judgement.record,
            rateLimit: judgement.admission.state(.key, judgement.record.rateLimit, now), revision: revision)
    }
}

extension Verifier {
    enum Identity {
        case refused(Verdict)
        case digest(KeyDigest)

        var digest: KeyDigest? {
            guard case .digest(let digest) = self else { return nil }
            return digest
        }
    }

    func identify(_ credential: PresentedCredential) -> Identity {
        switch credential {
        case .missing: return .refused(.missing)
        case .digest(let digest): return .digest(digest)
        case .text(let text): return text.withUnsafeBufferPointer { identify(text: $0) }
        }
    }

    @inline(__always)
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
