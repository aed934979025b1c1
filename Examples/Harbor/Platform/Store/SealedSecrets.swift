import Foundation
import GRDB
import HarborAPI

/// Rows with secrets, which are sealed before they come here.
extension HarborStore {
    struct ConnectionRow: Sendable {
        let project: String
        let repository: String
        let secret: Data
        let deliveries: Int
        let createdAt: Int64

        init(_ row: Row) {
            project = row["project"]
            repository = row["repository"]
            secret = row["secret"]
            deliveries = row["deliveries"]
            createdAt = row["created_at"]
        }
    }

    private static let selectedConnection = """
        SELECT connection.*, (SELECT count(*) FROM delivery WHERE delivery.project = connection.project) AS deliveries
        FROM connection
        """

    func connections(of organization: String) async throws -> [ConnectionRow] {
        try await pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    \(Self.selectedConnection) WHERE project IN (SELECT id FROM project WHERE organization = ?)
                    ORDER BY created_at
                    """, arguments: [organization]
            ).map { ConnectionRow($0) }
        }
    }

    /// For a push, which carries no key: its signature is what authorizes it.
    func connection(of project: String) async throws -> (connection: ConnectionRow, project: ProjectRow)? {
        try await pool.read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "\(Self.selectedConnection) WHERE connection.project = ?", arguments: [project]),
                let owner = try Row.fetchOne(
                    db, sql: "SELECT *, NULL AS current_commit FROM project WHERE id = ?", arguments: [project])
            else { return nil }
            return (ConnectionRow(row), try ProjectRow(owner))
        }
    }

    /// Connecting again replaces the secret.
    func connect(_ project: String, repository: String, secret: Data) async throws {
        try await pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO connection (project, repository, secret, created_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (project) DO UPDATE SET repository = excluded.repository, secret = excluded.secret
                    """, arguments: [project, repository, secret, Moment.now()])
        }
    }

    func disconnect(_ project: String) async throws {
        let count = try await pool.write { db in
            try db.execute(sql: "DELETE FROM connection WHERE project = ?", arguments: [project])
            return db.changesCount
        }
        guard count == 1 else { throw HarborError.notFound }
    }

    /// - Returns: false where this delivery was taken before.
    func takeDelivery(_ id: String, of project: String) async throws -> Bool {
        try await pool.write { db in
            try db.execute(
                sql: "INSERT INTO delivery (project, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [project, id])
            return db.changesCount == 1
        }
    }

    func aiKeys(of organization: String) async throws -> [AIKey] {
        try await pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM ai_key WHERE organization = ? ORDER BY created_at", arguments: [organization]
            ).map {
                AIKey(id: $0["id"], name: $0["name"], uses: $0["uses"], createdAt: Moment.text($0["created_at"]))
            }
        }
    }

    func insertAIKey(_ id: String, name: String, secret: Data, of organization: String) async throws {
        do {
            try await pool.write { db in
                try db.execute(
                    sql: "INSERT INTO ai_key (id, organization, name, secret, created_at) VALUES (?, ?, ?, ?, ?)",
                    arguments: [id, organization, name, secret, Moment.now()])
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw HarborError(409, "name_taken", "This organization has an AI key of that name.")
        }
    }

    /// The sealed key, with its use counted.
    func useAIKey(_ id: String, of organization: String) async throws -> Data {
        try await pool.write { db in
            let secret = try Data.fetchOne(
                db, sql: "UPDATE ai_key SET uses = uses + 1 WHERE id = ? AND organization = ? RETURNING secret",
                arguments: [id, organization])
            guard let secret else { throw HarborError.notFound }
            try Self.count(db, organization, "ai_calls", 1)
            return secret
        }
    }

    func deleteAIKey(_ id: String, of organization: String) async throws {
        let count = try await pool.write { db in
            try db.execute(
                sql: "DELETE FROM ai_key WHERE id = ? AND organization = ?", arguments: [id, organization])
            return db.changesCount
        }
        guard count == 1 else { throw HarborError.notFound }
    }
}
