import KeybearerAPI

extension Client {
    public func caller() async throws(ClientError) -> CallerResource {
        try await resource(APICall("GET", ["v1", "me"]))
    }

    /// The organizations that the signed-in person belongs to; a key gets `user_login_required`.
    public func organizations(pageSize: Int = 100) -> Pages<OrganizationResource> {
        pages(["v1", "organizations"], size: pageSize)
    }

    public func createOrganization(name: String, slug: String) async throws(ClientError) -> OrganizationResource {
        try await resource(
            APICall("POST", ["v1", "organizations"]).with(["name": .string(name), "slug": .string(slug)]).idempotent())
    }

    public func currentOrganization() async throws(ClientError) -> OrganizationResource {
        try await resource(APICall("GET", ["v1", "organization"]))
    }

    public func renameOrganization(_ name: String) async throws(ClientError) -> OrganizationResource {
        try await resource(APICall("PATCH", ["v1", "organization"]).with(["name": .string(name)]))
    }

    public func members(pageSize: Int = 100) -> Pages<MemberResource> { pages(["v1", "members"], size: pageSize) }

    /// - Parameter grants: what the member may do beyond the role; nil leaves it as it is.
    public func putMember(
        _ id: String, role: String? = nil, grants: [String]? = nil
    ) async throws(ClientError) -> MemberResource {
        let body = JSONObject(present: [("role", role.map { .string($0) }), ("grants", grants.map { JSON($0) })])
        return try await resource(APICall("PUT", ["v1", "members", id]).with(.object(body)))
    }

    /// The keys that the person created, which go on working.
    public func removeMember(_ id: String) async throws(ClientError) -> [APIKeyResource] {
        try await resource(APICall("DELETE", ["v1", "members", id]), as: RemovedMemberResource.self).apiKeys
    }

    public func invitations(pageSize: Int = 100) -> Pages<InvitationResource> {
        pages(["v1", "invitations"], size: pageSize)
    }

    /// - Throws: `secretLost` where the invitation was made but its link did not arrive.
    public func invite(_ email: String, role: String) async throws(ClientError) -> (
        url: String, invitation: InvitationResource
    ) {
        let created: CreatedInvitationResource = try await resource(
            APICall("POST", ["v1", "invitations"]).with(["email": .string(email), "role": .string(role)]).idempotent())
        guard let url = created.url else { throw .secretLost(id: created.invitation.id) }
        return (url, created.invitation)
    }

    public func removeInvitation(_ id: String) async throws(ClientError) {
        try await send(APICall("DELETE", ["v1", "invitations", id]))
    }

    /// - Parameters:
    ///   - token: the last part of the link.
    ///   - name: with `password`, for an account that is made with it; a signed-in person leaves both out.
    public func acceptInvitation(
        _ token: String, name: String? = nil, password: String? = nil
    ) async throws(ClientError) -> AcceptedInvitationResource {
        let body = JSONObject(present: [
            ("token", .string(token)), ("name", name.map { .string($0) }), ("password", password.map { .string($0) }),
        ])
        return try await resource(
            APICall("POST", ["v1", "invitations", "accept"], effect: .once).with(.object(body)))
    }

    public func roles(pageSize: Int = 100) -> Pages<RoleResource> { pages(["v1", "roles"], size: pageSize) }

    public func putRole(_ name: String, permissions: [String]) async throws(ClientError) -> RoleResource {
        try await resource(APICall("PUT", ["v1", "roles", name]).with(["permissions": JSON(permissions)]))
    }

    public func removeRole(_ name: String) async throws(ClientError) {
        try await send(APICall("DELETE", ["v1", "roles", name]))
    }

    /// What can be granted at all, and what the caller holds of it.
    public func permissions() async throws(ClientError) -> PermissionsResource {
        try await resource(APICall("GET", ["v1", "permissions"]))
    }

    /// - Parameters:
    ///   - from: RFC 3339.
    ///   - actor: such as `user:usr_…`.
    public func auditEvents(
        action: String? = nil, actor: String? = nil, from: String? = nil, to: String? = nil, pageSize: Int = 100
    ) -> Pages<AuditEventResource> {
        pages(
            ["v1", "audit-events"], [("action", action), ("actor", actor), ("from", from), ("to", to)],
            size: pageSize)
    }
}
