import KeybearerVerification

/// A person who can sign in. People exist once and may be members of several organizations.
public struct User: Sendable, Hashable {
    public let id: UserID
    public let email: EmailAddress
    public var name: String
    /// scrypt parameters, salt and hash as one text; nil until the person has chosen a password.
    public var passwordHash: String?
    /// False for an account that only an invitation's link made: nobody has shown that the address is theirs.
    public var isVerified: Bool
    public var isDisabled: Bool
    public let createdAt: Timestamp

    public init(
        id: UserID, email: EmailAddress, name: String, passwordHash: String?, isVerified: Bool,
        isDisabled: Bool = false, createdAt: Timestamp
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.passwordHash = passwordHash
        self.isVerified = isVerified
        self.isDisabled = isDisabled
        self.createdAt = createdAt
    }
}

/// An e-mail address: ASCII, lower-cased, one `@`, at most 254 characters, no space or control character.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init?(_ text: String) {
        let bytes = text.utf8.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
        guard (3...254).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), (1...64).contains(at) else { return nil }
        let domain = bytes[(at + 1)...]
        guard let first = domain.first, let last = domain.last, first != UInt8(ascii: "."), last != UInt8(ascii: "."),
            !domain.contains(UInt8(ascii: "@"))
        else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ":"),
            UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "\\"),
            UInt8(ascii: "]"), UInt8(ascii: "%"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"):
            false
        default: (0x21...0x7e).contains(byte)
        }
    }
}

/// How a person is named.
public enum UserReference: Sendable, Hashable {
    case id(UserID)
    case email(EmailAddress)
}

/// A person's place in one organization.
public struct Member: Sendable, Hashable {
    public let organization: OrganizationID
    public let user: UserID
    public var role: RoleName
    /// What this member may do beyond the role.
    public var grants: [Permission]
    public let joinedAt: Timestamp

    public init(
        organization: OrganizationID, user: UserID, role: RoleName, grants: [Permission] = [], joinedAt: Timestamp
    ) {
        self.organization = organization
        self.user = user
        self.role = role
        self.grants = grants
        self.joinedAt = joinedAt
    }
}

/// A member with the person behind it, as lists show it.
public struct MemberWithUser: Sendable, Hashable {
    public let member: Member
    public let user: User

    public init(member: Member, user: User) {
        self.member = member
        self.user = user
    }
}

/// `[a-z][a-z0-9_-]{0,62}`.
public struct RoleName: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public static let owner = RoleName(known: "owner")
    public static let admin = RoleName(known: "admin")
    public static let member = RoleName(known: "member")

    private init(known: String) { description = known }

    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, (0x61...0x7a).contains(first),
            bytes.allSatisfy({
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f || $0 == 0x2d
            })
        else { return nil }
        description = text
    }
}

/// A role that an organization defined for itself.
public struct CustomRole: Sendable, Hashable {
    public let organization: OrganizationID
    public let name: RoleName
    public var permissions: [Permission]
    public let createdAt: Timestamp

    public init(organization: OrganizationID, name: RoleName, permissions: [Permission], createdAt: Timestamp) {
        self.organization = organization
        self.name = name
        self.permissions = permissions
        self.createdAt = createdAt
    }
}

/// A request to join, waiting for whoever holds its link.
public struct Invitation: Sendable, Hashable {
    public let id: InvitationID
    public let organization: OrganizationID
    public let email: EmailAddress
    public let role: RoleName
    public let tokenDigest: KeyDigest
    /// The audit name of whoever invited, such as `user:usr_…`.
    public let invitedBy: String
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    public var acceptedAt: Timestamp?

    public init(
        id: InvitationID, organization: OrganizationID, email: EmailAddress, role: RoleName, tokenDigest: KeyDigest,
        invitedBy: String, createdAt: Timestamp, expiresAt: Timestamp, acceptedAt: Timestamp? = nil
    ) {
        self.id = id
        self.organization = organization
        self.email = email
        self.role = role
        self.tokenDigest = tokenDigest
        self.invitedBy = invitedBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.acceptedAt = acceptedAt
    }
}
