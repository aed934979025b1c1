import KeybearerVerification

/// The fields by which a gateway tells the service behind it whose request this is.
extension Response {
    /// A longer list of permissions is left out: gateways bound the fields they pass on.
    private static let maximumPermissionBytes = 4096

    mutating func append(identityOf record: KeyRecord) {
        append("X-Keybearer-Key-Id", record.id.description)
        append("X-Keybearer-Key-Name", Self.percentEncoded(record.name))
        append("X-Keybearer-Organization-Id", record.organization.id.description)
        append("X-Keybearer-Organization", record.organization.slug)
        let permissions = record.effectivePermissionTexts.joined(separator: " ")
        if permissions.utf8.count <= Self.maximumPermissionBytes { append("X-Keybearer-Permissions", permissions) }
    }

    /// Both forms: draft-ietf-httpapi-ratelimit-headers, and the older one with its reset in epoch seconds.
    mutating func append(_ state: RateLimitState) {
        append("RateLimit-Policy", "\"\(state.policyName)\";q=\(state.limit);w=\(state.windowSeconds)")
        append("RateLimit", "\"\(state.policyName)\";r=\(state.remaining);t=\(state.resetSeconds)")
        append("X-RateLimit-Limit", String(state.limit))
        append("X-RateLimit-Remaining", String(state.remaining))
        append("X-RateLimit-Reset", String(state.resetAt.seconds))
    }

    private static func percentEncoded(_ text: String) -> [UInt8] {
        let digits: StaticString = "0123456789ABCDEF"
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if HTTPSyntax.isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digits.utf8Start[Int(byte >> 4)])
                encoded.append(digits.utf8Start[Int(byte & 15)])
            }
        }
        return encoded
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
