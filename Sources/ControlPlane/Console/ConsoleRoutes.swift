import KeybearerAdministration

extension Route {
    /// The pages that somebody signed in sees, and what the forms of all pages send.
    static let pages: [Route] = [
        page(.post, "/sign-in", .signIn, .openPage(Console.signIn)),
        page(.post, "/sign-in/link/{token}", .openLink, .openPage(Console.openLink)),
        page(.post, "/invitations/{token}", .acceptInvitation, .openPage(Console.acceptInvitation)),
        page(.post, "/sign-out", .endSession, .personalPage(Console.signOut)),

        page(.get, "/account", .listSessions, .personalPage(Console.accountPage)),
        page(.post, "/account/password", .changePassword, .personalPage(Console.changePassword)),
        page(.post, "/account/sessions/{id}/end", .endSession, .personalPage(Console.endSession)),
        page(.get, "/device", .decideDeviceLogin, .personalPage(Console.devicePage)),
        page(.post, "/device", .decideDeviceLogin, .personalPage(Console.decideDevice)),
        page(.get, "/organizations", .listOwnOrganizations, .personalPage(Console.organizationsPage)),
        page(.post, "/organizations/switch", .listOwnOrganizations, .personalPage(Console.switchOrganization)),
        page(.post, "/organizations", .createOrganization, .personalPage(Console.createOrganization)),

        page(.get, "/api-keys", .listKeys, .organizationPage(Console.keysPage)),
        page(.get, "/api-keys/new", .createKey, .organizationPage(Console.newKeyPage)),
        page(.post, "/api-keys", .createKey, .organizationPage(Console.createKey)),
        page(.get, "/api-keys/review", .listKeys, .organizationPage(Console.reviewPage)),
        page(.get, "/api-keys/lookup", .lookUpKey, .organizationPage(Console.lookupPage)),
        page(.post, "/api-keys/lookup", .lookUpKey, .organizationPage(Console.lookUpKey)),
        page(.get, "/api-keys/{id}", .readKey, .organizationPage(Console.keyPage)),
        page(.get, "/api-keys/{id}/explain", .explainKey, .organizationPage(Console.explainKey)),
        page(.get, "/api-keys/{id}/edit", .updateKey, .organizationPage(Console.editKeyPage)),
        page(.post, "/api-keys/{id}/edit", .updateKey, .organizationPage(Console.updateKey)),
        page(.post, "/api-keys/{id}/disable", .updateKey, .organizationPage(Console.disableKey)),
        page(.post, "/api-keys/{id}/enable", .updateKey, .organizationPage(Console.enableKey)),
        page(.get, "/api-keys/{id}/revoke", .revokeKey, .organizationPage(Console.revokeKeyPage)),
        page(.post, "/api-keys/{id}/revoke", .revokeKey, .organizationPage(Console.revokeKey)),
        page(.get, "/api-keys/{id}/rotate", .rotateKey, .organizationPage(Console.rotateKeyPage)),
        page(.post, "/api-keys/{id}/rotate", .rotateKey, .organizationPage(Console.rotateKey)),

        page(.get, "/members", .listMembers, .organizationPage(Console.membersPage)),
        page(.post, "/members/invitations", .createInvitation, .organizationPage(Console.createInvitation)),
        page(
            .post, "/members/invitations/{id}/remove", .removeInvitation,
            .organizationPage(Console.removeInvitation)),
        page(.get, "/members/{id}", .putMember, .organizationPage(Console.memberPage)),
        page(.post, "/members/{id}", .putMember, .organizationPage(Console.putMember)),
        page(.get, "/members/{id}/remove", .removeMember, .organizationPage(Console.removeMemberPage)),
        page(.post, "/members/{id}/remove", .removeMember, .organizationPage(Console.removeMember)),
        page(.get, "/roles", .listRoles, .organizationPage(Console.rolesPage)),
        page(.post, "/roles", .putRole, .organizationPage(Console.createRole)),
        page(.get, "/roles/{name}", .putRole, .organizationPage(Console.rolePage)),
        page(.post, "/roles/{name}", .putRole, .organizationPage(Console.putRole)),
        page(.post, "/roles/{name}/remove", .removeRole, .organizationPage(Console.removeRole)),
        page(.get, "/audit", .listAuditEvents, .organizationPage(Console.auditPage)),
        page(.get, "/audit/export", .listAuditEvents, .organizationPage(Console.exportAudit)),
        page(.get, "/plan", .readOrganization, .organizationPage(Console.planPage)),
        page(.get, "/settings", .readOrganization, .organizationPage(Console.settingsPage)),
        page(.post, "/settings", .updateOrganization, .organizationPage(Console.updateSettings)),
    ]

    private static func page(_ method: Method, _ path: String, _ operation: Operation, _ handler: Handler) -> Route {
        Route(method, path, operation, handler, surface: .page)
    }
}

extension Document {
    /// Pages for anybody.
    static let pages: [Document] = [
        page("/", Console.home),
        page("/sign-in", Console.signInPage),
        page("/sign-in/link/{token}", Console.linkPage),
        page("/invitations/{token}", Console.invitationPage),
        page("/help", Console.helpPage),
        page("/help/{page}", Console.helpPage),
        Document("/preferences", method: .post, surface: .page) { endpoints in
            { call in try await endpoints.console.document(call) { try await endpoints.console.setPreferences($0) } }
        },
        Document("/assets/{name}", surface: .asset) { endpoints in
            { call in try endpoints.console.asset(call["name"]) }
        },
    ]

    private static func page(
        _ path: String, _ handler: @escaping @Sendable (Console) -> (Visit) async throws -> Reply
    ) -> Document {
        Document(path, surface: .page) { endpoints in
            { call in
                try await endpoints.console.document(call) { try await handler(endpoints.console)($0) }
            }
        }
    }
}

extension Console {
    /// A page for anybody; what goes wrong in it becomes a page too.
    func document(_ call: Call, _ body: (Visit) async throws -> Reply) async throws -> Reply {
        let visit: Visit
        do {
            visit = try await self.visit(call)
        } catch {
            return await refusalPage(error, Visit.lost(call))
        }
        do {
            if call.method == "POST" { try site.mustBeOwnOrigin(call) }
            return try await body(visit)
        } catch {
            return await refusalPage(error, visit)
        }
    }
}
