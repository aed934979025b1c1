import KeybearerVerification

/// What the answers for many keys have in common, as bytes, written once.
final class FactForms: SharedFacts.Forms, @unchecked Sendable {
    // Sound: constants alone, as its superclass asks.
    /// The organization's fields for a gateway, and the permissions' where they are not too long for one.
    let fields: [UInt8]
    /// The members `permissions`, from its bracket on.
    let permissions: [UInt8]
    /// The members `created_by` and, outside the key, `organization`.
    let creatorAndOrganization: [UInt8]

    /// The member `rate_limit` of the key's own policy up to what remains.
    let limit: [UInt8]
    /// The fields of the same up to what remains, and from there to where that comes once more.
    let limitFields: (before: [UInt8], between: [UInt8])

    /// A longer list of permissions is left out: gateways bound the fields they pass on.
    private static let maximumPermissionBytes = 4096

    init(_ facts: SharedFacts) {
        let granted = facts.effectivePermissionTexts
        fields = Self.bytes { $0.append(fieldsOf: facts.organization, granted, atMost: Self.maximumPermissionBytes) }
        permissions = Self.bytes { $0.append(jsonList: granted) }
        creatorAndOrganization = Self.bytes { $0.append(jsonOf: facts.createdBy, facts.organization) }
        let policy = facts.rateLimit
        limit = Self.bytes { $0.append(jsonOf: "default", limit: policy.requests, seconds: policy.windowSeconds) }
        limitFields = (
            Self.bytes { $0.append(fieldsOf: "default", limit: policy.requests, seconds: policy.windowSeconds) },
            Self.bytes { $0.append(fieldsAfterRemaining: policy.requests) }
        )
        super.init()
    }

    private static func bytes(_ write: (inout OutputBuffer) -> Void) -> [UInt8] {
        var buffer = OutputBuffer()
        write(&buffer)
        return Array(buffer.bytes)
    }
}

extension KeyRecord {
    /// Shows what the answers for this key have in common with others'.
    func withFactForms(_ use: (FactForms) -> Void) {
        withForms(FactForms.init) { forms in
            // An object of exactly this class, as this room makes no other; `as?` would cost more than all else here.
            if type(of: forms) == FactForms.self { use(unsafeDowncast(forms, to: FactForms.self)) }
        }
    }
}

extension OutputBuffer {
    fileprivate mutating func append(
        fieldsOf organization: OrganizationFacts, _ permissions: [String], atMost limit: Int
    ) {
        append("X-Keybearer-Organization-Id: ")
        append(organization.id)
        append("\r\nX-Keybearer-Organization: ")
        append(string: organization.slug)
        append("\r\n")
        let length = permissions.reduce(permissions.count - 1) { $0 + $1.utf8.count }
        guard length <= limit else { return }
        append("X-Keybearer-Permissions: ")
        for (index, permission) in permissions.enumerated() {
            if index > 0 { append(HTTPSyntax.space) }
            append(string: permission)
        }
        append("\r\n")
    }

    fileprivate mutating func append(jsonList texts: [String]) {
        append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            append(json: text)
        }
        append(UInt8(ascii: "]"))
    }

    fileprivate mutating func append(jsonOf creator: Creator, _ organization: OrganizationFacts) {
        append(#""created_by":{"type":"#)
        append(json: creator.kind.rawValue)
        append(#","id":"#)
        append(json: creator.id)
        append(#","name":"#)
        append(json: creator.name)
        append(#"}},"organization":{"id":""#)
        append(organization.id)
        append(#"","slug":"#)
        append(json: organization.slug)
        append(#","plan":"#)
        append(json: organization.planName)
        append(UInt8(ascii: "}"))
    }
}
