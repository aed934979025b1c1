import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func listMembers(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        let members = try await administration.members(try page.page(of: UserID.self), permit)
        let resources = try await resources(members, permit)
        return page.reply(resources, cursor: { $0.user.id }, resource: { $0 })
    }

    func putMember(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let id: UserID = try call.id("id")
        _ = try await administration.member(id, permit)
        let body = try call.json(as: PutMemberBody.self)
        let member = try await administration.putMember(id, role: body.role, grants: body.grants, permit)
        return .resource(try await resource(member, permit))
    }

    func removeMember(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let keys = try await administration.removeMember(try call.id("id"), permit)
        return .resource(RemovedMemberResource(apiKeys: keys.map { APIKeyResource($0, now: call.now) }))
    }

    func resource<Scope>(_ member: MemberWithUser, _ permit: Permit<Scope>) async throws -> MemberResource {
        let permissions = try await administration.permissions(of: [member.member], permit)
        return MemberResource(member, permissions: permissions.first ?? PermissionSet([]))
    }

    private func resources(
        _ members: [MemberWithUser], _ permit: OrganizationPermit
    ) async throws -> [MemberResource] {
        let permissions = try await administration.permissions(of: members.map(\.member), permit)
        return zip(members, permissions).map { MemberResource($0, permissions: $1) }
    }
}
