/// A request to join that waits for whoever holds its link.
public struct InvitationResource: Resource {
    public let id: String
    public let email: String
    public let role: String
    /// The audit name of whoever invited, such as `user:usr_…`.
    public let invitedBy: String
    public let createdAt: String
    public let expiresAt: String

    public init(
        id: String, email: String, role: String, invitedBy: String, createdAt: String, expiresAt: String
    ) {
        self.id = id
        self.email = email
        self.role = role
        self.invitedBy = invitedBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    var members: JSONObject {
        [
            "id": .string(id), "email": .string(email), "role": .string(role), "invited_by": .string(invitedBy),
            "created_at": .string(createdAt), "expires_at": .string(expiresAt),
        ]
    }

    public var json: JSON { .object(members) }
}

/// The answer to inviting. The link is a secret and is sent only here.
public struct CreatedInvitationResource: Resource {
    /// nil in the replay of an idempotent request.
    public let url: String?
    public let invitation: InvitationResource

    public init(url: String?, invitation: InvitationResource) {
        self.url = url
        self.invitation = invitation
    }

    public var json: JSON {
        var object: JSONObject = ["url": JSON(url)]
        object.append(contentsOf: invitation.members)
        return .object(object)
    }
}

/// The answer to accepting an invitation.
public struct AcceptedInvitationResource: Resource {
    public let user: UserResource
    public let organization: OrganizationSummary
    public let role: String

    public init(user: UserResource, organization: OrganizationSummary, role: String) {
        self.user = user
        self.organization = organization
        self.role = role
    }

    public var json: JSON {
        ["user": user.json, "organization": organization.json, "role": .string(role)]
    }
}

/// What names an organization.
public struct OrganizationSummary: Resource {
    public let id: String
    public let slug: String
    public let name: String

    public init(id: String, slug: String, name: String) {
        self.id = id
        self.slug = slug
        self.name = name
    }

    public var json: JSON { ["id": .string(id), "slug": .string(slug), "name": .string(name)] }
}
