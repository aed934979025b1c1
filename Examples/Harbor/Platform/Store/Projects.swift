import Foundation
import GRDB
import HarborAPI

/// A project as it is kept.
struct ProjectRow: Sendable {
    let id: String
    let organization: String
    let name: String
    let type: ProjectType
    let repository: String
    let branch: String
    let current: String?
    let commit: String?
    let createdAt: Int64

    /// What stands before the first dot of its site's address.
    var label: String { String(id.dropFirst(4)) }

    init(_ row: Row) throws {
        guard let type = ProjectType(rawValue: row["type"]) else { throw HarborError.notFound }
        id = row["id"]
        organization = row["organization"]
        name = row["name"]
        self.type = type
        repository = row["repository"]
        branch = row["branch"]
        current = row["current"]
        commit = row["current_commit"]
        createdAt = row["created_at"]
    }
}

extension HarborStore {
    private static let selected = """
        SELECT project.*, (SELECT commit_id FROM deployment WHERE id = project.current) AS current_commit FROM project
        """

    func projects(of organization: String, type: ProjectType?, page: Int, limit: Int) async throws
        -> (rows: [ProjectRow], total: Int)
    {
        try await pool.read { db in
            let filter = "WHERE organization = ? AND (? IS NULL OR type = ?)"
            let values: StatementArguments = [organization, type?.rawValue, type?.rawValue]
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM project \(filter)", arguments: values) ?? 0
            let rows = try Row.fetchAll(
                db, sql: "\(Self.selected) \(filter) ORDER BY created_at, id LIMIT ? OFFSET ?",
                arguments: values + [limit, (page - 1) * limit])
            return (try rows.map { try ProjectRow($0) }, total)
        }
    }

    /// - Throws: `HarborError.notFound` for another organization's, too.
    func project(_ id: String, of organization: String) async throws -> ProjectRow {
        try await pool.read { db in
            let row = try Row.fetchOne(
                db, sql: "\(Self.selected) WHERE id = ? AND organization = ?", arguments: [id, organization])
            guard let row else { throw HarborError.notFound }
            return try ProjectRow(row)
        }
    }

    func insertProject(_ new: NewProject, branch: String, of organization: String) async throws -> ProjectRow {
        let id = Identifier.make("prj")
        do {
            try await pool.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO project (id, organization, name, type, repository, branch, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, organization, new.name, new.type.rawValue, new.repository, branch, Moment.now(),
                    ])
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw HarborError(409, "name_taken", "This organization has a project of that name.")
        }
        return try await project(id, of: organization)
    }

    func deleteProject(_ id: String, of organization: String) async throws {
        let count = try await pool.write { db in
            try db.execute(
                sql: "DELETE FROM project WHERE id = ? AND organization = ?", arguments: [id, organization])
            return db.changesCount
        }
        guard count == 1 else { throw HarborError.notFound }
    }

    /// What a site's address leads to: the project, and the folder's name of what is published.
    func site(label: String) async throws -> (project: ProjectRow, release: String)? {
        try await pool.read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "\(Self.selected) WHERE id = ? AND type = 'http'", arguments: ["prj_" + label]),
                let release = try String.fetchOne(
                    db, sql: "SELECT release FROM deployment WHERE id = ?", arguments: [row["current"] as String?])
            else { return nil }
            return (try ProjectRow(row), release)
        }
    }
}
