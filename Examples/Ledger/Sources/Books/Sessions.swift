import Crypto
import Foundation
import GRDB

/// Somebody signed in, in one of the workspaces.
struct Visitor: Sendable {
    let personID: Int64
    let email: String
    let name: String
    let workspace: Workspace
    let role: Role
    /// What every form of a page carries, and only pages of this session know.
    let formToken: String
}

/// Who is signed in: 256-bit tokens, of which only the hash is kept.
struct Sessions: Sendable {
    static let lifetimeSeconds: Int64 = 12 * 3600

    private let books: Books

    init(_ books: Books) { self.books = books }

    /// - Returns: the new session's token; nil for a wrong password, an unknown address, and somebody of no workspace.
    func signIn(email: String, password: String) async throws -> String? {
        let row = try await books.database.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT id, password, (SELECT min(workspace_id) FROM membership WHERE person_id = id) AS workspace
                    FROM person WHERE email = ?
                    """, arguments: [email.lowercased()]
            ).map { (id: $0["id"] as Int64, password: $0["password"] as String, workspace: $0["workspace"] as Int64?) }
        }
        guard try await Password.matches(password, row?.password), let row, let workspace = row.workspace else {
            return nil
        }
        let token = Random.hex(Random.bytes(32))
        let (digest, form) = (Self.digest(token), Random.hex(Random.bytes(16)))
        try await books.database.write { db in
            try db.execute(sql: "DELETE FROM session WHERE expires_at < ?", arguments: [Moment.now])
            try db.execute(
                sql: "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
                arguments: [digest, row.id, workspace, form, Moment.now + Self.lifetimeSeconds])
        }
        return token
    }

    /// nil where the session is over, or its person has left the workspace.
    func visitor(_ token: String) async throws -> Visitor? {
        let digest = Self.digest(token)
        return try await books.database.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT workspace.*, person.id AS person, email, person.name AS person_name, role, form_token
                    FROM session JOIN person ON person.id = session.person_id
                    JOIN membership USING (workspace_id, person_id) JOIN workspace ON workspace.id = workspace_id
                    WHERE token_hash = ? AND expires_at > ?
                    """, arguments: [digest, Moment.now]
            ).map { row in
                Visitor(
                    personID: row["person"], email: row["email"], name: row["person_name"], workspace: Workspace(row),
                    role: Role(rawValue: row["role"]) ?? .member, formToken: row["form_token"])
            }
        }
    }

    /// Only into a workspace of the session's own person.
    func enter(_ slug: String, _ token: String) async throws {
        let digest = Self.digest(token)
        try await books.database.write { db in
            try db.execute(
                sql: """
                    UPDATE session SET workspace_id = workspace.id FROM workspace JOIN membership AS m
                        ON m.workspace_id = workspace.id
                    WHERE token_hash = ? AND slug = ? AND m.person_id = session.person_id
                    """, arguments: [digest, slug])
        }
    }

    func end(_ token: String) async throws {
        let digest = Self.digest(token)
        try await books.database.write { db in
            try db.execute(sql: "DELETE FROM session WHERE token_hash = ?", arguments: [digest])
        }
    }

    private static func digest(_ token: String) -> Data { Data(SHA256.hash(data: Data(token.utf8))) }
}
