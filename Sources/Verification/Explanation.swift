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

    /// What is left to the key at this moment; takes nothing.
    public func limits(of record: KeyRecord) -> RateLimitState {
        let now = clock.now()
        return limits(of: record, own: cache.peek(record, cost: 0, now), now)
    }

    /// Every check that `verify` would make of the key, in its order; counts nothing.
    public func explain(_ digest: StoredDigest, _ request: AccessRequest) async -> Explanation {
        let found = await resolve([digest], minimumRevision: nil, strict: false)
        guard case .record(let record, _) = found else { return Explanation(checks: [], verdict: found.refusal) }
        let now = clock.now()
        let checks = record.explain(request, now: now)
        let limit = wouldAdmit(record, request.cost, now)
        let all = checks + [Check(limit, isDecisive: !limit.admitted && checks.allSatisfy(\.passed))]
        return Explanation(checks: all, verdict: all.first(where: \.isDecisive)?.verdict ?? .valid)
    }
}

extension Verifier {
    /// What is left of the tighter of the key's limit and its organization's.
    func limits(of record: KeyRecord, own: Admission, _ now: Timestamp) -> RateLimitState {
        let state = own.state(.key, record.rateLimit, now)
        guard let policy = record.organization.rateLimit else { return state }
        let whole = cache.limiter.peek(0, of: record.organization.id, policy, now).state(.organization, policy, now)
        return whole.remaining < state.remaining ? whole : state
    }

    private func wouldAdmit(
        _ record: KeyRecord, _ cost: Int, _ now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let own = cache.peek(record, cost: cost, now)
        let state = own.state(.key, record.rateLimit, now)
        guard own.isAdmitted, let policy = record.organization.rateLimit else { return (own.isAdmitted, state) }
        let whole = cache.limiter.peek(cost, of: record.organization.id, policy, now)
        let shared = whole.state(.organization, policy, now)
        return (whole.isAdmitted, !whole.isAdmitted || shared.remaining < state.remaining ? shared : state)
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
