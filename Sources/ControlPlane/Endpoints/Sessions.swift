import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func signIn(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        let body = try call.json(as: SignInBody.self)
        let signedIn = try await administration.signIn(
            email: body.email, password: body.password, kind: .token, permit)
        let expiresAt = signedIn.session.expiresAt.description
        let user = UserResource(signedIn.user)
        return .resource(
            SignedInResource(token: signedIn.revealToken(), expiresAt: expiresAt, user: user), status: 201)
    }

    func listSessions(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        _ = try page.page(of: SessionID.self)
        let current = permit.scope.session.id
        return page.reply(
            whole: try await administration.sessions(permit), falling: true, cursor: { $0.id.description },
            resource: { SessionResource($0, isCurrent: $0.id == current) })
    }

    func endSession(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        let id: SessionID? = call["id"] == "current" ? nil : try call.id("id")
        try await administration.endSession(id, permit)
        return .noContent
    }

    func changePassword(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        let body = try call.json(as: ChangePasswordBody.self)
        try await administration.changePassword(current: body.current, new: body.new, permit)
        return .noContent
    }
}
