import KeybearerAPI
import KeybearerVerification

/// A decision in the words of `POST /v1/verify`.
extension OutputBuffer {
    /// Writes what `KeybearerAPI.VerifyAnswer` would, without building the tree of values first: this is the answer of
    /// every verification, and a test holds the two to the same bytes.
    mutating func append(_ decision: Decision, id: RequestID) {
        append(decision.verdict == .valid ? #"{"valid":true,"code":""# : #"{"valid":false,"code":""#)
        append(decision.verdict.rawValue)
        append(#"","request_id":""#)
        id.append(to: &self)
        append(#"","revision":"#)
        append(decimal: decision.revision)
        if let record = decision.record {
            append(key: record)
            append(organization: record.organization)
        }
        if let state = decision.rateLimit { append(json: state) }
        append(UInt8(ascii: "}"))
    }

    private mutating func append(key record: KeyRecord) {
        append(#","api_key":{"id":""#)
        append(record.id)
        append(#"","name":"#)
        append(json: record.name)
        append(#","preview":"#)
        append(json: record.preview)
        append(#","permissions":["#)
        for (index, permission) in record.effectivePermissionTexts.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(json: permission)
        }
        append(#"],"labels":{"#)
        for (index, label) in record.labels.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(json: label.key)
            append(UInt8(ascii: ":"))
            append(json: label.value)
        }
        append(#"},"expires_at":"#)
        if let expiry = record.expiresAt { append(json: expiry.description) } else { append("null") }
        append(#","created_by":{"type":"#)
        append(json: record.createdBy.kind.rawValue)
        append(#","id":"#)
        append(json: record.createdBy.id)
        append(#","name":"#)
        append(json: record.createdBy.name)
        append("}}")
    }

    private mutating func append(organization: OrganizationFacts) {
        append(#","organization":{"id":""#)
        append(organization.id)
        append(#"","slug":"#)
        append(json: organization.slug)
        append(#","plan":"#)
        append(json: organization.planName)
        append(UInt8(ascii: "}"))
    }

    private mutating func append(json state: RateLimitState) {
        append(#","rate_limit":{"policy":"#)
        append(json: state.policyName)
        append(#","limit":"#)
        append(decimal: Int64(state.limit))
        append(#","window_seconds":"#)
        append(decimal: Int64(state.windowSeconds))
        append(#","remaining":"#)
        append(decimal: Int64(state.remaining))
        append(#","reset_seconds":"#)
        append(decimal: Int64(state.resetSeconds))
        append(UInt8(ascii: "}"))
    }

    /// Between quotation marks, escaped where it has to be.
    mutating func append(json text: String) {
        var text = text
        let isPlain = text.withUTF8 { bytes in
            for byte in bytes where byte < 0x20 || byte > 0x7e || byte == 0x22 || byte == 0x5c { return false }
            append(UInt8(ascii: "\""))
            append(bytes)
            append(UInt8(ascii: "\""))
            return true
        }
        guard !isPlain else { return }
        var escaped: [UInt8] = []
        JSON.write(text, to: &escaped)
        append(escaped)
    }

    mutating func append<Kind>(_ identifier: Identifier<Kind>) { identifier.write { append($0) } }
}
