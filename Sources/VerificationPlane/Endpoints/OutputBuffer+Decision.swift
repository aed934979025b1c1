import KeybearerAPI
import KeybearerVerification

/// A decision in the words of `POST /v1/verify`.
extension OutputBuffer {
    /// Writes what `KeybearerAPI.VerifyAnswer` would, without building the tree of values first: this is the answer of
    /// every verification, and a test holds the two to the same bytes.
    mutating func append(_ decision: Decision, id: RequestID) {
        if decision.verdict == .valid {
            append(#"{"valid":true,"code":"valid"#)
        } else {
            append(#"{"valid":false,"code":""#)
            append(string: decision.verdict.rawValue)
        }
        append(#"","request_id":""#)
        id.append(to: &self)
        append(#"","revision":"#)
        append(decimal: decision.revision)
        // A limit has been asked of a known key alone.
        if let record = decision.record {
            append(key: record)
            if let state = decision.rateLimit { append(json: state, of: record) }
        }
        append(UInt8(ascii: "}"))
    }

    private mutating func append(key record: KeyRecord) {
        append(#","api_key":{"id":""#)
        append(record.id)
        append(#"","name":"#)
        record.withNameBytes { append(json: $0) }
        append(#","preview":"#)
        record.withPreviewBytes { append(json: $0) }
        append(#","permissions":"#)
        record.withFactForms { append($0.permissions) }
        append(record.hasLabels ? #","labels":{"# : #","labels":{}"#)
        if record.hasLabels { append(labels: record.labels) }
        append(#","expires_at":"#)
        if let expiry = record.expiresAt { append(json: expiry.description) } else { append("null") }
        append(UInt8(ascii: ","))
        record.withFactForms { append($0.creatorAndOrganization) }
    }

    private mutating func append(labels: [(key: String, value: String)]) {
        for (index, label) in labels.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(json: label.key)
            append(UInt8(ascii: ":"))
            append(json: label.value)
        }
        append(UInt8(ascii: "}"))
    }

    private mutating func append(json state: RateLimitState, of record: KeyRecord) {
        if state.holder == .key {
            record.withFactForms { append($0.limit) }
        } else {
            append(jsonOf: state.policyName, limit: state.limit, seconds: state.windowSeconds)
        }
        append(decimal: Int64(state.remaining))
        append(#","reset_seconds":"#)
        append(decimal: Int64(state.resetSeconds))
        append(UInt8(ascii: "}"))
    }

    /// The member `rate_limit` as far as one policy's is always the same.
    mutating func append(jsonOf policyName: String, limit: Int, seconds: Int) {
        append(#","rate_limit":{"policy":"#)
        append(json: policyName)
        append(#","limit":"#)
        append(decimal: Int64(limit))
        append(#","window_seconds":"#)
        append(decimal: Int64(seconds))
        append(#","remaining":"#)
    }

    /// Between quotation marks, escaped where it has to be.
    mutating func append(json text: String) {
        var text = text
        text.withUTF8 { append(json: $0) }
    }

    /// - Parameter text: UTF-8.
    mutating func append(json text: UnsafeBufferPointer<UInt8>) {
        guard !Self.mayNeedEscapes(text) else {
            var escaped: [UInt8] = []
            JSON.write(String(decoding: text, as: UTF8.self), to: &escaped)
            return append(escaped)
        }
        append(UInt8(ascii: "\""))
        append(text)
        append(UInt8(ascii: "\""))
    }

    /// Of what JSON or the writer escapes: control characters of both sorts, quotation marks, backslashes, and the
    /// separators U+2028 and U+2029, whose bytes are E2 80 A8 and E2 80 A9.
    private static func mayNeedEscapes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while true {
            index = text.firstIndex(
                from: index, to: text.count,
                { $0.isBelow(0x20) | $0.isEqual(0x22) | $0.isEqual(0x5c) | $0.isEqual(0x7f) | $0.isNotASCII },
                { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c || $0 == 0x7f || $0 == 0xc2 || $0 == 0xe2 })
            guard index < text.count else { return false }
            // Of the three bytes that begin with E2, only some are a separator.
            guard text[index] == 0xe2, index + 2 < text.count,
                text[index + 1] != 0x80 || text[index + 2] & 0xfe != 0xa8
            else { return true }
            index += 3
        }
    }

    mutating func append<Kind>(_ identifier: Identifier<Kind>) {
        append(atMost: Identifier<Kind>.textLength) { identifier.write(to: $0) }
    }
}
