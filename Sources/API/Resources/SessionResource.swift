/// A place where a person is signed in.
public struct SessionResource: Resource {
    public let id: String
    /// `console` or `token`.
    public let kind: String
    /// Whether the request that asks was made with it.
    public let isCurrent: Bool
    public let createdAt: String
    public let lastSeenAt: String
    public let expiresAt: String
    /// Where the session was opened from.
    public let ip: String?
    /// The identifier of the only organization that a session opened by the operator may act in.
    public let organization: String?
    /// `operator:NAME` where the operator opened it.
    public let via: String?

    public init(
        id: String, kind: String, isCurrent: Bool, createdAt: String, lastSeenAt: String, expiresAt: String,
        ip: String?, organization: String?, via: String?
    ) {
        self.id = id
        self.kind = kind
        self.isCurrent = isCurrent
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
        self.ip = ip
        self.organization = organization
        self.via = via
    }

    public var json: JSON {
        [
            "id": .string(id), "kind": .string(kind), "current": .bool(isCurrent),
            "created_at": .string(createdAt), "last_seen_at": .string(lastSeenAt),
            "expires_at": .string(expiresAt), "ip": JSON(ip), "organization": JSON(organization), "via": JSON(via),
        ]
    }
}

/// The answer to signing in; the only place in which the token is sent.
public struct SignedInResource: Resource {
    public let token: String
    public let expiresAt: String
    public let user: UserResource

    public init(token: String, expiresAt: String, user: UserResource) {
        self.token = token
        self.expiresAt = expiresAt
        self.user = user
    }

    public var json: JSON {
        ["token": .string(token), "expires_at": .string(expiresAt), "user": user.json]
    }
}

/// The operator's one-time way to sign a person in.
public struct SignInLinkResource: Resource {
    public let url: String
    public let expiresAt: String

    public init(url: String, expiresAt: String) {
        self.url = url
        self.expiresAt = expiresAt
    }

    public var json: JSON { ["url": .string(url), "expires_at": .string(expiresAt)] }
}

/// Whom a credential stands for: the answer of `GET /v1/me`.
public struct CallerResource: Resource {
    /// `user`, `api_key` or `operator`.
    public let kind: String
    public let id: String
    public let name: String
    /// A person's; nil for every other kind.
    public let email: String?
    /// A member's; nil for every other kind.
    public let role: String?
    /// nil where the credential belongs to no organization and none was named.
    public let organization: OrganizationSummary?
    public let permissions: [String]

    public init(
        kind: String, id: String, name: String, email: String?, role: String?, organization: OrganizationSummary?,
        permissions: [String]
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.organization = organization
        self.permissions = permissions
    }

    public var json: JSON {
        [
            "kind": .string(kind), "id": .string(id), "name": .string(name), "email": JSON(email),
            "role": JSON(role), "organization": organization?.json ?? .null, "permissions": JSON(permissions),
        ]
    }
}
