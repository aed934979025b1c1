import KeybearerVerification

/// A role as the organization sees it.
public struct RoleView: Sendable {
    public let name: RoleName
    public let permissions: [Permission]
    /// Set by the configuration: it cannot be changed here.
    public let isBuiltIn: Bool
}

extension Administration {
    /// The configuration's roles, then the organization's own, each by name.
    public func roles(_ permit: OrganizationPermit) async throws -> [RoleView] {
        let organization = permit.scope.organization.id
        let own = try await ledger.read { try $0.roles(of: organization) }
        let configured = rules.roles.map { RoleView(name: $0, permissions: $1.permissions, isBuiltIn: true) }
        let views =
            configured.sorted { $0.name.description < $1.name.description }
            + own.filter { rules.roles[$0.name] == nil }
            .map { RoleView(name: $0.name, permissions: $0.permissions, isBuiltIn: false) }
        return views
    }

    /// Whether such a role can be written at all; asked before the body is read.
    ///
    /// - Throws: `Failure` `role_built_in`, `unknown_role`.
    public func writableRole(_ name: String) throws -> RoleName {
        guard let name = RoleName(name) else {
            throw Failure(.unknownRole, "A role's name has 1 to 63 of a-z, 0-9, _ and -, and starts with a letter.")
        }
        guard rules.roles[name] == nil else {
            throw Failure(.roleBuiltIn, "This role is changed in the configuration only.")
        }
        return name
    }

    /// Defines a role of the organization's own, or redefines it for everybody who has it.
    ///
    /// - Throws: `Failure` `unknown_permission`, `permission_escalation`.
    public func putRole(_ name: RoleName, permissions: [String], _ permit: OrganizationPermit) async throws -> RoleView
    {
        try await commit(permit) { [validation, rules] writing, permit in
            let organization = permit.scope.organization.id
            guard rules.roles[name] == nil else {
                throw Failure(.roleBuiltIn, "This role is changed in the configuration only.")
            }
            let given = try validation.permissions(permissions).get()
            let authority = permit.scope.authority
            try authority.mustHold(given)
            let existing = try writing.records.role(name, of: organization)
            if authority.role == name, let existing, !authority.isUnbounded {
                let current = rules.catalogue.effective(existing.permissions)
                guard current.exceeding(given).isEmpty else {
                    throw Failure(.permissionEscalation, "Nobody widens their own permissions.")
                }
            }
            let role = CustomRole(
                organization: organization, name: name, permissions: given.permissions,
                createdAt: existing?.createdAt ?? writing.now)
            writing.write(.putRole(role))
            try writing.audit(
                permit, target: name.description, ["permissions": .list(given.permissions.map(\.description))])
            return RoleView(name: name, permissions: given.permissions, isBuiltIn: false)
        }.value
    }

    /// - Throws: `Failure` `not_found`, `role_in_use`.
    public func removeRole(_ name: RoleName, _ permit: OrganizationPermit) async throws {
        _ = try await commit(permit) { writing, permit in
            let organization = permit.scope.organization.id
            guard try writing.records.role(name, of: organization) != nil else { throw Failure.notFound }
            guard try !writing.records.hasMember(withRole: name, in: organization) else {
                throw Failure(.roleInUse, "Members still have this role: give them another one first.")
            }
            writing.write(.removeRole(name, of: organization))
            try writing.audit(permit, target: name.description)
        }
    }
}
