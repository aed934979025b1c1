import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func operatorPutMember(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let isKnown = try await administration.operatorHasMember(call["slug"], email: call["email"], permit)
        let body = try call.json(as: OperatorPutMemberBody.self)
        let member = try await administration.operatorPutMember(
            call["slug"], email: call["email"], role: body.role, name: body.name, permit)
        return .resource(try await resource(member, permit), status: isKnown ? 200 : 201)
    }

    func operatorRemoveMember(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let keys = try await administration.operatorRemoveMember(call["slug"], email: call["email"], permit)
        return .resource(RemovedMemberResource(apiKeys: keys.map { APIKeyResource($0, now: call.now) }))
    }

    func operatorPutUser(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        _ = try await administration.operatorUser(call["email"], permit)
        let body = try call.json(as: OperatorPutUserBody.self)
        let user = try await administration.operatorPutUser(
            call["email"], isVerified: body.verified, isDisabled: body.disabled, permit)
        return .resource(AccountResource(user))
    }

    func operatorCreateLink(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let body = try call.json(as: OperatorSessionBody.self)
        let link = try await administration.operatorCreateLink(
            email: body.email, organization: body.organization, permit)
        let expiresAt = link.expiresAt.description
        return .resource(SignInLinkResource(url: link.revealURL(), expiresAt: expiresAt), status: 201)
    }
}

extension AccountResource {
    init(_ user: User) {
        self.init(
            user: UserResource(user), isVerified: user.isVerified, isDisabled: user.isDisabled,
            createdAt: user.createdAt.description)
    }
}
