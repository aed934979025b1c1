/// `PUT /v1/operator/organizations/{slug}`: creates, or changes what is set.
public struct OperatorPutOrganizationBody: RequestBody {
    public let name: String?
    public let plan: String?
    public let suspended: Bool?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        name = try reader.string("name")
        plan = try reader.string("plan")
        suspended = try reader.bool("suspended")
    }
}

/// `PUT /v1/operator/organizations/{slug}/members/{email}`.
public struct OperatorPutMemberBody: RequestBody {
    /// nil leaves the role as it is.
    public let role: String?
    /// The person's name, for an account that this call makes.
    public let name: String?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        role = try reader.string("role")
        name = try reader.string("name")
    }
}

/// `PUT /v1/operator/users/{email}`.
public struct OperatorPutUserBody: RequestBody {
    public let verified: Bool?
    public let disabled: Bool?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        verified = try reader.bool("verified")
        disabled = try reader.bool("disabled")
    }
}

/// `POST /v1/operator/api-keys/revoke`. That exactly one of both is there is for the endpoint to check.
public struct OperatorRevokeBody: RequestBody {
    public let ids: [String]?
    public let keySHA256: String?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        ids = try reader.strings("ids")
        keySHA256 = try reader.string("key_sha256")
    }
}

/// `POST /v1/operator/sessions`.
public struct OperatorSessionBody: RequestBody {
    public let email: String
    /// Slug or identifier.
    public let organization: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        email = try reader.requiredString("email")
        organization = try reader.requiredString("organization")
    }
}
