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
        limit(record, cost: 0, isTaken: false, clock.now()).state
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

extension Check {
    fileprivate init(_ limit: (admitted: Bool, state: RateLimitState), isDecisive: Bool) {
        let state = limit.state
        let left = "\(state.remaining) of \(state.limit) left for \(state.resetSeconds) s, policy \(state.policyName)."
        self.init(
            name: "rate_limit", passed: limit.admitted, verdict: .rateLimited, detail: left, isDecisive: isDecisive)
    }
}
