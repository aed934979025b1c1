import GRDB

/// The database: its workspaces and people. What lies in a workspace is reached through `WorkspaceBooks` alone.
struct Books: Sendable {
    let database: DatabasePool

    init(path: String) throws {
        database = try DatabasePool(path: path)
        try Schema.migrator.migrate(database)
    }

    func workspace(slug: String) async throws -> Workspace? {
        try await one("SELECT * FROM workspace WHERE slug = ?", [slug])
    }

    func workspace(organizationID: String) async throws -> Workspace? {
        try await one("SELECT * FROM workspace WHERE organization_id = ?", [organizationID])
    }

    private func one(_ sql: String, _ arguments: StatementArguments) async throws -> Workspace? {
        try await database.read { try Row.fetchOne($0, sql: sql, arguments: arguments).map(Workspace.init) }
    }

    /// Makes the workspace, or changes its name and plan.
    func put(slug: String, name: String, plan: String, organizationID: String) async throws {
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO workspace (slug, name, plan, organization_id) VALUES (?, ?, ?, ?)
                    ON CONFLICT (slug) DO UPDATE SET name = excluded.name, plan = excluded.plan,
                        organization_id = excluded.organization_id
                    """, arguments: [slug, name, plan, organizationID])
        }
    }

    /// The workspaces that somebody belongs to, by name, with the role there.
    func workspaces(ofPerson id: Int64) async throws -> [(Workspace, Role)] {
        try await database.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT workspace.*, role FROM workspace JOIN membership ON workspace_id = id
                    WHERE person_id = ? ORDER BY name
                    """, arguments: [id]
            ).map { (Workspace($0), Role(rawValue: $0["role"]) ?? .member) }
        }
    }

    /// - Parameter passwordHash: of a new account; an account that is there keeps its own where this is nil.
    func put(
        memberOf workspace: Workspace, email: String, name: String, role: Role, passwordHash: String?
    ) async throws {
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO person (email, name, password) VALUES (?, ?, ?)
                    ON CONFLICT (email) DO UPDATE SET name = excluded.name,
                        password = CASE excluded.password WHEN '' THEN password ELSE excluded.password END
                    """, arguments: [email, name, passwordHash ?? ""])
            try db.execute(
                sql: """
                    INSERT INTO membership (workspace_id, person_id, role)
                    SELECT ?, id, ? FROM person WHERE email = ?
                    ON CONFLICT (workspace_id, person_id) DO UPDATE SET role = excluded.role
                    """, arguments: [workspace.id, role.rawValue, email])
        }
    }
}
