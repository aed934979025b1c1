import KeybearerAdministration
import KeybearerVerification

/// What a host does as the operator of the Keybearer inside it: its customers become organizations, its users members.
/// The audit log names it `local:` and the brand's name.
extension Keybearer {
    private var command: String { settings.nodeName }

    /// Makes or changes an organization.
    ///
    /// - Parameters:
    ///   - slug: `[a-z0-9-]`, of 63 characters at most.
    ///   - plan: one of `Rules.plans`.
    /// - Returns: its identifier, `org_…`, the same for ever.
    /// - Throws: `Failure` `invalid_slug`, `invalid_name`, `unknown_plan`.
    @discardableResult
    public func putOrganization(_ slug: String, name: String, plan: String) async throws -> String {
        let permit = try await administration.localPermit(.operatorPutOrganization, command: command)
        _ = try await administration.operatorPutOrganization(slug, name: name, plan: plan, isSuspended: nil, permit)
        return try await scope(of: slug, for: .listPermissions).scope.organization.id.description
    }

    /// Makes or changes a member; the account is made with them.
    ///
    /// - Parameter password: nil leaves it as it is; a new one ends every session of the account.
    /// - Throws: `Failure` `not_found`, `unknown_role`, `invalid_email`, `invalid_name`, `invalid_password`.
    public func putMember(
        _ email: String, name: String, role: String, of slug: String, password: String? = nil
    ) async throws {
        let permit = try await administration.localPermit(.operatorPutMember, command: command)
        _ = try await administration.operatorPutMember(slug, email: email, role: role, name: name, permit)
        guard let password else { return }
        let setting = try await administration.localPermit(.operatorPutUser, command: command)
        try await administration.setPassword(email: email, password: password, setting)
    }

    /// Makes a key in the operator's name, and ends those of an earlier call with the same label.
    ///
    /// - Returns: the key, which nothing shows again.
    /// - Throws: `Failure` as creating a key does.
    public func replaceKey(named name: String, permissions: [String], label: String, of slug: String) async throws
        -> String
    {
        _ = try await administration.revokeKeys(
            BulkFilter(label: "\(label)=yes"), reason: "replaced", dryRun: false,
            try await scope(of: slug, for: .revokeKeys))
        let draft = KeyDraft(name: name, permissions: permissions, labels: [(label, "yes")])
        switch try await administration.createKey(draft, try await scope(of: slug, for: .createKey)) {
        case .issued(let issued): return issued.reveal()
        case .replayed: throw Failure(.notFound, "The key was made before and is not shown again.")
        }
    }

    private func scope(of slug: String, for operation: Operation) async throws -> OrganizationPermit {
        guard let reference = OrganizationReference(slug) else {
            throw Failure(.notFound, "There is no such organization.")
        }
        let caller = Caller(.local(command: command), address: nil, organization: reference)
        return try await administration.organizationPermit(operation, caller)
    }
}
