import KeybearerVerification

/// The `WWW-Authenticate` field in RFC 6750's form.
struct Challenge: Sendable {
    /// For a request without a credential: no `error` (RFC 6750, section 3.1).
    let plain: [UInt8]
    let invalidToken: [UInt8]
    let insufficientScope: [UInt8]

    /// - Parameter realm: characters that a quoted string cannot hold as they are, are left out.
    init(realm: String) {
        let allowed = realm.utf8.filter { (0x20...0x7e).contains($0) && $0 != 0x22 && $0 != 0x5c }
        plain = Array("Bearer realm=\"".utf8) + allowed + Array("\"".utf8)
        invalidToken = plain + Array(", error=\"invalid_token\"".utf8)
        insufficientScope = plain + Array(", error=\"insufficient_scope\"".utf8)
    }

    /// The challenge for a verdict; nil where the status is neither 401 nor for want of a permission.
    func value(for verdict: Verdict, permission: Permission?) -> [UInt8]? {
        switch verdict {
        case .missing: plain
        case .malformed, .notFound, .revoked, .expired, .disabled: invalidToken
        case .insufficientPermissions:
            permission.map { insufficientScope + Array(", scope=\"\($0)\"".utf8) } ?? insufficientScope
        case .valid, .organizationSuspended, .ipNotAllowed, .rateLimited, .unavailable: nil
        }
    }
}
