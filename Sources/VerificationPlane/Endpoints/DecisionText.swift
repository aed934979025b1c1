import KeybearerAPI
import KeybearerVerification

/// Writes a decision as `KeybearerAPI.VerifyAnswer` would, without building the tree of values first: this is the
/// answer of every verification, and a test holds the two to the same bytes.
struct DecisionText {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(640) }

    mutating func append(_ decision: Decision, id: RequestID) {
        raw(decision.verdict == .valid ? #"{"valid":true,"code":""# : #"{"valid":false,"code":""#)
        bytes.append(contentsOf: decision.verdict.rawValue.utf8)
        raw(#"","request_id":""#)
        id.append(to: &bytes)
        raw(#"","revision":"#)
        bytes.append(contentsOf: String(decision.revision).utf8)
        if let record = decision.record {
            append(key: record)
            append(organization: record.organization)
        }
        if let state = decision.rateLimit { append(state) }
        raw("}")
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(key record: KeyRecord) {
        raw(#","api_key":{"id":"#)
        plain(record.id.description)
        raw(#","name":"#)
        text(record.name)
        raw(#","preview":"#)
        text(record.preview)
        raw(#","permissions":["#)
        for (index, permission) in record.effectivePermissionTexts.enumerated() {
            if index > 0 { raw(",") }
            plain(permission)
        }
        raw(#"],"labels":{"#)
        for (index, label) in record.labels.enumerated() {
            if index > 0 { raw(",") }
            text(label.key)
            raw(":")
            text(label.value)
        }
        raw(#"},"expires_at":"#)
        if let expiry = record.expiresAt { plain(expiry.description) } else { raw("null") }
        raw(#","created_by":{"type":"#)
        plain(record.createdBy.kind.rawValue)
        raw(#","id":"#)
        text(record.createdBy.id)
        raw(#","name":"#)
        text(record.createdBy.name)
        raw("}}")
    }

    private mutating func append(organization: OrganizationFacts) {
        raw(#","organization":{"id":"#)
        plain(organization.id.description)
        raw(#","slug":"#)
        text(organization.slug)
        raw(#","plan":"#)
        text(organization.planName)
        raw("}")
    }

    private mutating func append(_ state: RateLimitState) {
        raw(#","rate_limit":{"policy":"#)
        text(state.policyName)
        raw(#","limit":"#)
        number(state.limit)
        raw(#","window_seconds":"#)
        number(state.windowSeconds)
        raw(#","remaining":"#)
        number(state.remaining)
        raw(#","reset_seconds":"#)
        number(state.resetSeconds)
        raw("}")
    }

    private mutating func number(_ value: Int) { bytes.append(contentsOf: String(value).utf8) }

    /// For texts whose grammar has nothing to escape.
    private mutating func plain(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func text(_ text: String) {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
        if isPlain { plain(text) } else { JSON.write(text, to: &bytes) }
    }
}
