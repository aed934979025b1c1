import KeybearerAPI

/// The operator's calls: with an operator token only.
extension Client {
    public func operatorOrganizations(pageSize: Int = 100) -> Pages<OrganizationResource> {
        pages(["v1", "operator", "organizations"], size: pageSize)
    }

    /// Makes the organization, or changes what is not nil.
    public func putOrganization(
        _ slug: String, name: String? = nil, plan: String? = nil, suspended: Bool? = nil
    ) async throws(ClientError) -> OrganizationResource {
        let body = JSONObject(present: [
            ("name", name.map { .string($0) }), ("plan", plan.map { .string($0) }),
            ("suspended", suspended.map { .bool($0) }),
        ])
        return try await resource(APICall("PUT", ["v1", "operator", "organizations", slug]).with(.object(body)))
    }

    public func deleteOrganization(_ slug: String) async throws(ClientError) {
        try await send(APICall("DELETE", ["v1", "operator", "organizations", slug]))
    }

    public func putMember(
        of slug: String, email: String, role: String? = nil, name: String? = nil
    ) async throws(ClientError) -> MemberResource {
        let body = JSONObject(present: [("role", role.map { .string($0) }), ("name", name.map { .string($0) })])
        return try await resource(
            APICall("PUT", ["v1", "operator", "organizations", slug, "members", email]).with(.object(body)))
    }

    /// The keys that the person created, which go on working.
    public func removeMember(of slug: String, email: String) async throws(ClientError) -> [APIKeyResource] {
        try await resource(
            APICall("DELETE", ["v1", "operator", "organizations", slug, "members", email]),
            as: RemovedMemberResource.self
        ).apiKeys
    }

    public func putUser(
        _ email: String, verified: Bool? = nil, disabled: Bool? = nil
    ) async throws(ClientError) -> AccountResource {
        let body = JSONObject(present: [
            ("verified", verified.map { .bool($0) }), ("disabled", disabled.map { .bool($0) }),
        ])
        return try await resource(APICall("PUT", ["v1", "operator", "users", email]).with(.object(body)))
    }

    public func plans(pageSize: Int = 100) -> Pages<PlanResource> {
        pages(["v1", "operator", "plans"], size: pageSize)
    }

    public func nodes(pageSize: Int = 100) -> Pages<NodeResource> {
        pages(["v1", "operator", "nodes"], size: pageSize)
    }

    public func operatorRevokeKeys(ids: [String]) async throws(ClientError) -> BulkRevocationResource {
        try await resource(
            APICall("POST", ["v1", "operator", "api-keys", "revoke"]).with(["ids": JSON(ids)]))
    }

    /// - Parameter sha256: 64 hex digits.
    public func operatorRevokeKey(sha256: String) async throws(ClientError) -> BulkRevocationResource {
        try await resource(
            APICall("POST", ["v1", "operator", "api-keys", "revoke"]).with(["key_sha256": .string(sha256)]))
    }

    /// A link that signs a person in once, within 60 seconds.
    public func createSignInLink(
        email: String, organization: String
    ) async throws(ClientError) -> SignInLinkResource {
        try await resource(
            APICall("POST", ["v1", "operator", "sessions"], effect: .once).with(
                ["email": .string(email), "organization": .string(organization)]))
    }
}
