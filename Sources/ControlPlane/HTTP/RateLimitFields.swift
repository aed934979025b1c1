import KeybearerVerification

extension RateLimitState {
    /// Both forms: draft-ietf-httpapi-ratelimit-headers, and the older one that most clients read.
    var fields: [(name: String, value: String)] {
        [
            ("RateLimit-Policy", "\"\(policyName)\";q=\(limit);w=\(windowSeconds)"),
            ("RateLimit", "\"\(policyName)\";r=\(remaining);t=\(resetSeconds)"),
            ("X-RateLimit-Limit", String(limit)),
            ("X-RateLimit-Remaining", String(remaining)),
            ("X-RateLimit-Reset", String(resetAt.seconds)),
        ].map { (name: $0.0, value: $0.1) }
    }
}
