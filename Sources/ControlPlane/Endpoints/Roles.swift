import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func listRoles(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        if let cursor = page.cursor, RoleName(cursor) == nil { throw PageRequest.invalidCursor }
        return page.reply(
            whole: try await administration.roles(permit), falling: false, cursor: { $0.name.description },
            resource: { RoleResource($0) })
    }

    func putRole(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let name = try administration.writableRole(call["name"])
        let body = try call.json(as: PutRoleBody.self)
        return .resource(RoleResource(try await administration.putRole(name, permissions: body.permissions, permit)))
    }

    func removeRole(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        guard RoleName(call["name"]) != nil else { throw Refusal.notFound }
        try await administration.removeRole(try administration.writableRole(call["name"]), permit)
        return .noContent
    }
}

extension RoleResource {
    init(_ role: RoleView) {
        self.init(
            name: role.name.description, permissions: role.permissions.map(\.description), isBuiltIn: role.isBuiltIn)
    }
}
