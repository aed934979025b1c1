import KeybearerVerification

/// The fields by which a gateway tells the service behind it whose request this is.
extension OutputBuffer {
    /// A longer list of permissions is left out: gateways bound the fields they pass on.
    private static var maximumPermissionBytes: Int { 4096 }

    mutating func append(fieldsOf record: KeyRecord) {
        append("X-Keybearer-Key-Id: ")
        append(record.id)
        append("\r\nX-Keybearer-Key-Name: ")
        append(percentEncoding: record.name)
        append("\r\nX-Keybearer-Organization-Id: ")
        append(record.organization.id)
        append("\r\nX-Keybearer-Organization: ")
        append(record.organization.slug)
        append("\r\n")
        let permissions = record.effectivePermissionTexts
        let length = permissions.reduce(permissions.count - 1) { $0 + $1.utf8.count }
        guard length <= Self.maximumPermissionBytes else { return }
        append("X-Keybearer-Permissions: ")
        for (index, permission) in permissions.enumerated() {
            if index > 0 { append(HTTPSyntax.space) }
            append(permission)
        }
        append("\r\n")
    }

    /// Both forms: draft-ietf-httpapi-ratelimit-headers, and the older one with its reset in epoch seconds.
    mutating func append(fieldsOf state: RateLimitState) {
        append("RateLimit-Policy: \"")
        append(state.policyName)
        append("\";q=")
        append(decimal: Int64(state.limit))
        append(";w=")
        append(decimal: Int64(state.windowSeconds))
        append("\r\nRateLimit: \"")
        append(state.policyName)
        append("\";r=")
        append(decimal: Int64(state.remaining))
        append(";t=")
        append(decimal: Int64(state.resetSeconds))
        append("\r\nX-RateLimit-Limit: ")
        append(decimal: Int64(state.limit))
        append("\r\nX-RateLimit-Remaining: ")
        append(decimal: Int64(state.remaining))
        append("\r\nX-RateLimit-Reset: ")
        append(decimal: state.resetAt.seconds)
        append("\r\n")
    }

    /// What a gateway is told of a verdict, beside the status.
    mutating func append(
        fieldsOf decision: Decision, as verdict: Verdict, _ answer: HolderAnswer, _ permission: Permission?,
        _ challenge: Challenge
    ) {
        if verdict == .valid, let record = decision.record { append(fieldsOf: record) }
        append("X-Keybearer-Code: ")
        append(answer.code)
        append("\r\n")
        if let state = decision.rateLimit { append(fieldsOf: state) }
        if verdict == .rateLimited || verdict == .unavailable {
            append("Retry-After: ")
            append(decimal: Int64(verdict == .rateLimited ? decision.retryAfterSeconds ?? 1 : 1))
            append("\r\n")
        }
        if let value = challenge.value(for: verdict, permission: permission) {
            append("WWW-Authenticate: ")
            append(value)
            append("\r\n")
        }
    }

    private mutating func append(percentEncoding text: String) {
        let digits: StaticString = "0123456789ABCDEF"
        for byte in text.utf8 {
            if HTTPSyntax.isUnreserved(byte) {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                append(digits.utf8Start[Int(byte >> 4)])
                append(digits.utf8Start[Int(byte & 15)])
            }
        }
    }
}

extension KeyRecord {
    /// What the key can do now, for callers that look at the list themselves: without what has gone from the
    /// catalogue, and under a live ceiling without what its creator does not hold any more.
    var effectivePermissionTexts: [String] {
        guard let ceiling else {
            return permissions.permissions.count == grantedTexts.count
                ? grantedTexts : permissions.permissions.map(\.description)
        }
        let held = permissions.permissions.filter(ceiling.covers)
        let bounded = ceiling.permissions.filter(permissions.covers)
        return PermissionSet(held + bounded).permissions.map(\.description)
    }
}
