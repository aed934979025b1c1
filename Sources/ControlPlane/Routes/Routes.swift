import KeybearerAdministration

extension Route {
    /// Every call of the API, the operator's aside.
    static let api: [Route] = [
        Route(.post, "/v1/sessions", .signIn, .open(Endpoints.signIn)),
        Route(.get, "/v1/sessions", .listSessions, .personal(Endpoints.listSessions), query: PageRequest.parameters),
        Route(.delete, "/v1/sessions/{id}", .endSession, .personal(Endpoints.endSession)),
        Route(.post, "/v1/device/authorization", .startDeviceLogin, .open(Endpoints.startDeviceLogin)),
        Route(.post, "/v1/device/token", .redeemDeviceCode, .open(Endpoints.redeemDeviceCode)),
        Route(.put, "/v1/me/password", .changePassword, .personal(Endpoints.changePassword)),
        Route(.get, "/v1/me", .showCaller, .caller(Endpoints.showCaller)),
        Route(.get, "/v1/permissions", .listPermissions, .caller(Endpoints.listPermissions)),

        Route(
            .get, "/v1/organizations", .listOwnOrganizations, .personal(Endpoints.listOrganizations),
            query: PageRequest.parameters),
        Route(.post, "/v1/organizations", .createOrganization, .personal(Endpoints.createOrganization)),
        Route(.get, "/v1/organization", .readOrganization, .organization(Endpoints.readOrganization)),
        Route(.patch, "/v1/organization", .updateOrganization, .organization(Endpoints.updateOrganization)),

        Route(
            .get, "/v1/members", .listMembers, .organization(Endpoints.listMembers), query: PageRequest.parameters),
        Route(.put, "/v1/members/{id}", .putMember, .organization(Endpoints.putMember)),
        Route(.delete, "/v1/members/{id}", .removeMember, .organization(Endpoints.removeMember)),

        Route(.post, "/v1/invitations", .createInvitation, .organization(Endpoints.createInvitation)),
        Route(
            .get, "/v1/invitations", .listInvitations, .organization(Endpoints.listInvitations),
            query: PageRequest.parameters),
        Route(.delete, "/v1/invitations/{id}", .removeInvitation, .organization(Endpoints.removeInvitation)),
        Route(.post, "/v1/invitations/accept", .acceptInvitation, .open(Endpoints.acceptInvitation)),

        Route(.get, "/v1/roles", .listRoles, .organization(Endpoints.listRoles), query: PageRequest.parameters),
        Route(.put, "/v1/roles/{name}", .putRole, .organization(Endpoints.putRole)),
        Route(.delete, "/v1/roles/{name}", .removeRole, .organization(Endpoints.removeRole)),

        Route(.post, "/v1/api-keys", .createKey, .organization(Endpoints.createKey)),
        Route(
            .get, "/v1/api-keys", .listKeys, .organization(Endpoints.listKeys),
            query: ["status"] + PageRequest.parameters),
        Route(.get, "/v1/api-keys/{id}", .readKey, .organization(Endpoints.readKey)),
        Route(.patch, "/v1/api-keys/{id}", .updateKey, .organization(Endpoints.updateKey)),
        Route(.post, "/v1/api-keys/{id}/revoke", .revokeKey, .organization(Endpoints.revokeKey)),
        Route(.post, "/v1/api-keys/revoke", .revokeKeys, .organization(Endpoints.revokeKeys)),
        Route(.post, "/v1/api-keys/{id}/rotate", .rotateKey, .organization(Endpoints.rotateKey)),
        Route(
            .get, "/v1/api-keys/{id}/usage", .readUsage, .organization(Endpoints.readUsage),
            query: ["from", "to", "granularity"]),
        Route(.post, "/v1/api-keys/{id}/explain", .explainKey, .organization(Endpoints.explainKey)),
        Route(.post, "/v1/api-keys/lookup", .lookUpKey, .organization(Endpoints.lookUpKey)),

        Route(
            .get, "/v1/audit-events", .listAuditEvents, .organization(Endpoints.listAuditEvents),
            query: ["action", "actor", "from", "to"] + PageRequest.parameters),
        Route(.post, "/v1/verify", .verifyKey, .open(Endpoints.verifyKey)),
    ]

    /// The operator's calls, which may have a listener of their own.
    static let operatorAPI: [Route] = [
        Route(
            .get, "/v1/operator/organizations", .operatorListOrganizations,
            .operator(Endpoints.operatorListOrganizations), query: PageRequest.parameters),
        Route(
            .put, "/v1/operator/organizations/{slug}", .operatorPutOrganization,
            .operator(Endpoints.operatorPutOrganization)),
        Route(
            .delete, "/v1/operator/organizations/{slug}", .operatorDeleteOrganization,
            .operator(Endpoints.operatorDeleteOrganization)),
        Route(
            .put, "/v1/operator/organizations/{slug}/members/{email}", .operatorPutMember,
            .operator(Endpoints.operatorPutMember)),
        Route(
            .delete, "/v1/operator/organizations/{slug}/members/{email}", .operatorRemoveMember,
            .operator(Endpoints.operatorRemoveMember)),
        Route(.put, "/v1/operator/users/{email}", .operatorPutUser, .operator(Endpoints.operatorPutUser)),
        Route(
            .get, "/v1/operator/plans", .operatorListPlans, .operator(Endpoints.operatorListPlans),
            query: PageRequest.parameters),
        Route(
            .get, "/v1/operator/nodes", .operatorListNodes, .operator(Endpoints.operatorListNodes),
            query: PageRequest.parameters),
        Route(
            .post, "/v1/operator/api-keys/revoke", .operatorRevokeKeys, .operator(Endpoints.operatorRevokeKeys)),
        Route(.post, "/v1/operator/sessions", .operatorCreateLink, .operator(Endpoints.operatorCreateLink)),
    ]
}

extension Document {
    static let health: [Document] = [
        Document("/healthz", Endpoints.health),
        Document("/readyz", Endpoints.readiness),
    ]

    static let all: [Document] =
        health + [Document("/openapi.json", Endpoints.openAPI)] + pages
}
