/// Why, in one word of the API; `valid` is the only one that lets anybody in.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
    case valid
    case missing
    case malformed
    case notFound = "not_found"
    case revoked
    case expired
    case disabled
    case organizationSuspended = "organization_suspended"
    case ipNotAllowed = "ip_not_allowed"
    case insufficientPermissions = "insufficient_permissions"
    case rateLimited = "rate_limited"
    case unavailable
}

/// The answer to one verification.
public struct Decision: Sendable {
    // In an order that leaves no gaps: what is above 128 bytes is copied by a call, several times for each verification.
    /// The last change that this decision is certain to have taken into account.
    public let revision: Int64
    /// Present whenever the key is known, whatever the verdict.
    public let record: KeyRecord?
    /// Present where the rate limits were asked: `valid` and `rate_limited`.
    public let rateLimit: RateLimitState?
    public let verdict: Verdict
    /// Present with `rate_limited`: until the window ends, rounded up.
    public var retryAfterSeconds: Int? { verdict == .rateLimited ? rateLimit?.resetSeconds : nil }

    public init(
        verdict: Verdict, record: KeyRecord? = nil, rateLimit: RateLimitState? = nil, revision: Int64
    ) {
        self.verdict = verdict
        self.record = record
        self.rateLimit = rateLimit
        self.revision = revision
    }
}

/// One step of an explanation.
public struct Check: Sendable, Hashable {
    public let name: String
    public let passed: Bool
    /// What the key's holder hears when this check is the first to fail.
    public let verdict: Verdict
    /// A sentence for people, without anything secret.
    public let detail: String
    /// The first that failed; at most one of a list.
    public let isDecisive: Bool
}

/// Every check in order, and what they come to.
public struct Explanation: Sendable {
    /// Empty where there is no record to check: the verdict says why.
    public let checks: [Check]
    public let verdict: Verdict
}
