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
    private mutating func append(fieldsOf state: RateLimitState, of record: KeyRecord) {
        if state.holder == .key {
            record.withFactForms { append($0.limitFields.before) }
        } else {
            append(fieldsOf: state.policyName, limit: state.limit, seconds: state.windowSeconds)
        }
        append(decimal: Int64(state.remaining))
        append(";t=")
        append(decimal: Int64(state.resetSeconds))
        if state.holder == .key {
            record.withFactForms { append($0.limitFields.between) }
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
        append(string: policyName)
        append("\";q=")
        append(decimal: Int64(limit))
        append(";w=")
        append(decimal: Int64(seconds))
        append("\r\nRateLimit: \"")
        append(string: policyName)
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
        // A limit has been asked of a known key alone.
        if let state = decision.rateLimit, let record = decision.record { append(fieldsOf: state, of: record) }
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
        let digits = ("0123456789ABCDEF" as StaticString).utf8Start
        append(atMost: 3 * text.count) { output in
            var length = 0
            for byte in text {
                guard !HTTPSyntax.isUnreserved(byte) else {
                    output[length] = byte
                    length += 1
                    continue
                }
                output[length] = UInt8(ascii: "%")
                output[length + 1] = digits[Int(byte >> 4)]
                output[length + 2] = digits[Int(byte & 15)]
                length += 3
            }
            return length
        }
    }
}
