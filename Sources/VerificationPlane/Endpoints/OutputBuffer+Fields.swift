import KeybearerVerification

/// The fields by which a gateway tells the service behind it whose request this is.
extension OutputBuffer {
    mutating func append(fieldsOf record: KeyRecord) {
        append("X-Keybearer-Key-Id: ")
        append(record.id)
        append("\r\nX-Keybearer-Key-Name: ")
        record.withNameBytes { append(percentEncoding: $0) }
        append("\r\n")
        record.withFactForms { append($0.fields) }
    }

    /// Both forms: draft-ietf-httpapi-ratelimit-headers, and the older one with its reset in epoch seconds.
    mutating func append(fieldsOf state: RateLimitState, of record: KeyRecord?) {
        let own = state.holder == .key ? record : nil
        if let own {
            own.withFactForms { append($0.limitFields.before) }
        } else {
            append(fieldsOf: state.policyName, limit: state.limit, seconds: state.windowSeconds)
        }
        append(decimal: Int64(state.remaining))
        append(";t=")
        append(decimal: Int64(state.resetSeconds))
        if let own {
            own.withFactForms { append($0.limitFields.between) }
        } else {
            append(fieldsAfterRemaining: state.limit)
        }
        append(decimal: Int64(state.remaining))
        append("\r\nX-RateLimit-Reset: ")
        append(decimal: state.resetAt.seconds)
        append("\r\n")
    }

    mutating func append(fieldsOf policyName: String, limit: Int, seconds: Int) {
        append("RateLimit-Policy: \"")
        append(policyName)
        append("\";q=")
        append(decimal: Int64(limit))
        append(";w=")
        append(decimal: Int64(seconds))
        append("\r\nRateLimit: \"")
        append(policyName)
        append("\";r=")
    }

    mutating func append(fieldsAfterRemaining limit: Int) {
        append("\r\nX-RateLimit-Limit: ")
        append(decimal: Int64(limit))
        append("\r\nX-RateLimit-Remaining: ")
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
        if let state = decision.rateLimit { append(fieldsOf: state, of: decision.record) }
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

    private mutating func append(percentEncoding text: UnsafeBufferPointer<UInt8>) {
        let digits: StaticString = "0123456789ABCDEF"
        for byte in text {
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
