/// Workspaces and people, here and at the key server. The key server is told first, and everything it is told may be
/// told again: what was interrupted is repaired by repeating it.
struct Workspaces: Sendable {
    let books: Books
    let keys: KeyServer

    func put(_ slug: String, name: String, plan: String) async throws {
        let organization = try await keys.put(workspace: slug, name: name, plan: plan)
        try await books.put(slug: slug, name: name, plan: plan, organizationID: organization)
    }

    /// - Parameter passwordHash: of a new account.
    func put(
        _ email: String, name: String, role: Role, in workspace: Workspace, passwordHash: String? = nil
    ) async throws {
        try await keys.put(memberOf: workspace.slug, email: email, name: name, role: role)
        try await books.put(memberOf: workspace, email: email, name: name, role: role, passwordHash: passwordHash)
    }

    /// - Returns: the names of the keys that they made and that go on working.
    func remove(_ member: Member, from workspace: Workspace) async throws -> [String] {
        let left = try await keys.remove(memberOf: workspace.slug, email: member.email)
        try await WorkspaceBooks(books, workspace).remove(member)
        return left
    }
}
