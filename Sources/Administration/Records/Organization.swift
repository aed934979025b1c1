import KeybearerVerification

/// A customer of the operator's product: the owner of keys.
public struct Organization: Sendable, Hashable {
    public let id: OrganizationID
    public var slug: Slug
    public var name: String
    /// The name of a plan in the configuration.
    public var plan: String
    public var isSuspended: Bool
    public let createdAt: Timestamp
    /// A deleted organization keeps its row, so that a restored backup cannot bring its keys back; its slug is free again.
    public var deletedAt: Timestamp?

    public init(
        id: OrganizationID, slug: Slug, name: String, plan: String, isSuspended: Bool = false, createdAt: Timestamp,
        deletedAt: Timestamp? = nil
    ) {
        self.id = id
        self.slug = slug
        self.name = name
        self.plan = plan
        self.isSuspended = isSuspended
        self.createdAt = createdAt
        self.deletedAt = deletedAt
    }
}

/// An organization's name in addresses and headers: `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`.
public struct Slug: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
        }
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last,
            isAlphanumeric(first), isAlphanumeric(last),
            bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        description = text
    }
}

/// How a caller names an organization: by either of its two names.
public enum OrganizationReference: Sendable, Hashable {
    case id(OrganizationID)
    case slug(Slug)

    /// nil where the text can be neither.
    public init?(_ text: String) {
        if let id = OrganizationID(text) {
            self = .id(id)
        } else if let slug = Slug(text) {
            self = .slug(slug)
        } else {
            return nil
        }
    }
}
