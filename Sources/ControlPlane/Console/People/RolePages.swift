import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct RolesView: Sendable {
    var problem: ProblemView?
    let canManage: Bool
    let roles: [Entry]
    let name: String
    let permissions: String
    let example: String

    struct Entry: Sendable {
        let name: String
        let permissions: [String]
        let isNothing: Bool
        let isBuiltIn: Bool
        let canEdit: Bool
        let editLabel: String
    }
}

struct RoleFormView: Sendable {
    var problem: ProblemView?
    let name: String
    let permissions: String
    let was: String
}

extension Console {
    func rolesPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        try await rolesPage(visit, permit, problem: nil, status: 200)
    }

    private func rolesPage(
        _ visit: Visit, _ permit: OrganizationPermit, problem: ProblemView?, status: Int
    ) async throws -> Reply {
        let canManage = permit.scope.authority.holds(.roleManage)
        let roles = try await administration.roles(permit).map { role in
            RolesView.Entry(
                name: role.name.description, permissions: role.permissions.map(\.description),
                isNothing: role.permissions.isEmpty, isBuiltIn: role.isBuiltIn, canEdit: canManage && !role.isBuiltIn,
                editLabel: visit.say(\.people.editNamed, ["name": role.name.description]))
        }
        let view = RolesView(
            problem: problem, canManage: canManage, roles: roles, name: visit.form.line("name"),
            permissions: visit.form.lines("permissions").joined(separator: "\n"), example: "project:read")
        return await page("roles", visit.say(\.people.rolesTitle), section: .roles, view, visit, status: status)
    }

    func createRole(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        do {
            let name = try administration.writableRole(visit.form.line("name"))
            guard try await administration.roles(permit).allSatisfy({ $0.name != name }) else {
                let problem = ProblemView(
                    title: visit.say(\.common.problem), items: [visit.say(\.people.roleExists)])
                return try await rolesPage(visit, permit, problem: problem, status: 409)
            }
            _ = try await administration.putRole(name, permissions: visit.form.lines("permissions"), permit)
            return redirect(Section.roles.path, Notice(.roleSaved))
        } catch let failure as Failure where failure.code.status < 500 {
            let problem =
                failure.code == .unknownRole
                ? ProblemView(title: visit.say(\.common.problem), items: [visit.say(\.people.roleNameHint)])
                : problem(failure, visit)
            return try await rolesPage(visit, permit, problem: problem, status: failure.code.status)
        }
    }

    func rolePage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        guard let role = try await role(visit, permit) else { throw Refusal.notFound }
        return await roleForm(visit, role.name, role, standing(role), problem: nil, status: 200)
    }

    /// One of the organization's own; those of the configuration have no page.
    private func role(_ visit: Visit, _ permit: OrganizationPermit) async throws -> RoleView? {
        try await administration.roles(permit).first { $0.name.description == visit.call["name"] && !$0.isBuiltIn }
    }

    private func standing(_ role: RoleView?) -> [String] { role?.permissions.map(\.description) ?? [] }

    private func roleForm(
        _ visit: Visit, _ name: RoleName, _ role: RoleView?, _ permissions: [String], problem: ProblemView?, status: Int
    ) async -> Reply {
        let view = RoleFormView(
            problem: problem, name: name.description, permissions: permissions.joined(separator: "\n"),
            was: standing(role).joined(separator: " "))
        return await page("role", name.description, section: .roles, view, visit, status: status)
    }

    func putRole(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let name = try administration.writableRole(visit.call["name"])
        let permissions = visit.form.lines("permissions")
        let role = try await role(visit, permit)
        do {
            try mustStand(standing(role).joined(separator: " "), visit)
            _ = try await administration.putRole(name, permissions: permissions, permit)
            return redirect(Section.roles.path, Notice(.roleSaved))
        } catch let failure as Failure where failure.code.status < 500 {
            return await roleForm(
                visit, name, role, permissions, problem: problem(failure, visit), status: failure.code.status)
        }
    }

    func removeRole(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let name = try administration.writableRole(visit.call["name"])
        do {
            try await administration.removeRole(name, permit)
            return redirect(Section.roles.path, Notice(.roleRemoved))
        } catch let failure as Failure where failure.code == .roleInUse {
            let role = try await role(visit, permit)
            return await roleForm(visit, name, role, standing(role), problem: problem(failure, visit), status: 409)
        }
    }
}
