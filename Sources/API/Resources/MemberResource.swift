/// A person as other people of the organization see them.
public struct UserResource: Resource {
    public let id: String
    public let email: String
    public let name: String

    public init(id: String, email: String, name: String) {
        self.id = id
        self.email = email
        self.name = name
    }

    public var json: JSON { ["id": .string(id), "email": .string(email), "name": .string(name)] }
}

/// A person as the operator sees them.
public struct AccountResource: Resource {
    public let user: UserResource
    public let isVerified: Bool
    public let isDisabled: Bool
    public let createdAt: String

    public init(user: UserResource, isVerified: Bool, isDisabled: Bool, createdAt: String) {
        self.user = user
        self.isVerified = isVerified
        self.isDisabled = isDisabled
        self.createdAt = createdAt
    }

    public var json: JSON {
        [
            "id": .string(user.id), "email": .string(user.email), "name": .string(user.name),
            "verified": .bool(isVerified), "disabled": .bool(isDisabled), "created_at": .string(createdAt),
        ]
    }
}

/// A person's place in the organization.
public struct MemberResource: Resource {
    public let user: UserResource
    public let role: String
    /// What this member may do beyond the role.
    public let grants: [String]
    /// The role's permissions and the grants together.
    public let permissions: [String]
    public let joinedAt: String

    public init(user: UserResource, role: String, grants: [String], permissions: [String], joinedAt: String) {
        self.user = user
        self.role = role
        self.grants = grants
        self.permissions = permissions
        self.joinedAt = joinedAt
    }

    public var json: JSON {
        [
            "user": user.json, "role": .string(role), "grants": JSON(grants), "permissions": JSON(permissions),
            "joined_at": .string(joinedAt),
        ]
    }
}

/// The answer to removing a member: the keys that the person created, which go on working.
public struct RemovedMemberResource: Resource {
    public let apiKeys: [APIKeyResource]

    public init(apiKeys: [APIKeyResource]) { self.apiKeys = apiKeys }

    public var json: JSON { ["api_keys": .array(apiKeys.map(\.json))] }
}

/// A named set of permissions.
public struct RoleResource: Resource {
    public let name: String
    public let permissions: [String]
    /// Whether the role comes from the configuration and is changed there only.
    public let isBuiltIn: Bool

    public init(name: String, permissions: [String], isBuiltIn: Bool) {
        self.name = name
        self.permissions = permissions
        self.isBuiltIn = isBuiltIn
    }

    public var json: JSON {
        ["name": .string(name), "permissions": JSON(permissions), "built_in": .bool(isBuiltIn)]
    }
}

/// What may be granted at all, and what the caller holds of it.
public struct PermissionsResource: Resource {
    public let resources: [(name: String, actions: [String])]
    /// The caller's effective permissions.
    public let permissions: [String]

    public init(resources: [(name: String, actions: [String])], permissions: [String]) {
        self.resources = resources
        self.permissions = permissions
    }

    public var json: JSON {
        let catalogue = resources.map { resource -> JSON in
            ["name": .string(resource.name), "actions": JSON(resource.actions)]
        }
        return ["resources": .array(catalogue), "permissions": JSON(permissions)]
    }
}
