/// `POST /v1/organizations`. The plan is not the caller's to choose.
public struct CreateOrganizationBody: RequestBody {
    public let name: String
    public let slug: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        name = try reader.requiredString("name")
        slug = try reader.requiredString("slug")
    }
}

/// `PATCH /v1/organization`.
public struct UpdateOrganizationBody: RequestBody {
    /// nil leaves the name as it is.
    public let name: String?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        name = try reader.string("name")
    }
}

/// `PUT /v1/members/{usr}`.
public struct PutMemberBody: RequestBody {
    /// nil leaves the role as it is.
    public let role: String?
    /// nil leaves the grants as they are; an empty list takes them away.
    public let grants: [String]?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        role = try reader.string("role")
        grants = try reader.strings("grants")
    }
}

/// `POST /v1/invitations`.
public struct CreateInvitationBody: RequestBody {
    public let email: String
    public let role: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        email = try reader.requiredString("email")
        role = try reader.requiredString("role")
    }
}

/// `POST /v1/invitations/accept`.
public struct AcceptInvitationBody: RequestBody {
    public let token: String
    /// With the password, for whoever has no account yet.
    public let name: String?
    public let password: String?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        token = try reader.requiredString("token")
        name = try reader.string("name")
        password = try reader.string("password")
    }
}

/// `PUT /v1/roles/{name}`.
public struct PutRoleBody: RequestBody {
    public let permissions: [String]

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        permissions = try reader.required("permissions")
    }
}
