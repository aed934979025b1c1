import GRDB
import HarborAPI

struct DeploymentRow: Sendable {
    let number: Int64
    let id: String
    let project: String
    let branch: String
    let commit: String?
    let status: DeploymentStatus
    let trigger: String
    let actor: String
    let reason: String?
    let attempts: Int
    /// The folder of what it publishes: its own, or the one that it goes back to. nil where there is none (any more).
    let release: String?
    let createdAt: Int64
    let startedAt: Int64?
    let finishedAt: Int64?

    init(_ row: Row) throws {
        guard let status = DeploymentStatus(rawValue: row["status"]) else { throw HarborError.notFound }
        number = row["number"]
        id = row["id"]
        project = row["project"]
        branch = row["branch"]
        commit = row["commit_id"]
        self.status = status
        trigger = row["trigger"]
        actor = row["actor"]
        reason = row["reason"]
        attempts = row["attempts"]
        release = row["release"]
        createdAt = row["created_at"]
        startedAt = row["started_at"]
        finishedAt = row["finished_at"]
    }

    var shown: Deployment {
        var milliseconds: Int?
        if let startedAt, let finishedAt { milliseconds = Int(finishedAt - startedAt) }
        return Deployment(
            id: id, project: project, branch: branch, commit: commit, status: status, trigger: trigger, actor: actor,
            reason: reason, attempts: attempts, createdAt: Moment.text(createdAt),
            finishedAt: finishedAt.map(Moment.text), milliseconds: milliseconds)
    }
}

extension HarborStore {
    func deployment(_ id: String, of project: String) async throws -> DeploymentRow {
        try await pool.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM deployment WHERE id = ? AND project = ?", arguments: [id, project])
            guard let row else { throw HarborError.notFound }
            return try DeploymentRow(row)
        }
    }

    /// By its name alone, for builds, whose path names no project.
    func deployment(_ id: String, ofOrganization organization: String) async throws -> DeploymentRow {
        try await pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT deployment.* FROM deployment JOIN project ON project.id = deployment.project
                    WHERE deployment.id = ? AND organization = ?
                    """, arguments: [id, organization])
            guard let row else { throw HarborError.notFound }
            return try DeploymentRow(row)
        }
    }

    /// Newest first.
    func deployments(of organization: String, project: String?, page: Int, limit: Int) async throws
        -> (rows: [DeploymentRow], total: Int)
    {
        try await pool.read { db in
            let from = """
                FROM deployment JOIN project ON project.id = deployment.project
                WHERE organization = ? AND (? IS NULL OR project = ?)
                """
            let values: StatementArguments = [organization, project, project]
            let total = try Int.fetchOne(db, sql: "SELECT count(*) \(from)", arguments: values) ?? 0
            let rows = try Row.fetchAll(
                db, sql: "SELECT deployment.* \(from) ORDER BY number DESC LIMIT ? OFFSET ?",
                arguments: values + [limit, (page - 1) * limit])
            return (try rows.map { try DeploymentRow($0) }, total)
        }
    }

    func enqueue(_ project: ProjectRow, branch: String, trigger: String, actor: String) async throws -> DeploymentRow {
        let id = Identifier.make("dep")
        return try await pool.write { db in
            let waiting = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM deployment WHERE project = ? AND status = 'queued'",
                arguments: [project.id])
            guard (waiting ?? 0) < 20 else {
                throw HarborError(429, "too_many_deployments", "Twenty deployments of this project wait already.")
            }
            try Self.count(db, project.organization, "deployments", 1)
            let row = try Row.fetchOne(
                db,
                sql: """
                    INSERT INTO deployment (id, project, branch, status, trigger, actor, created_at)
                    VALUES (?, ?, ?, 'queued', ?, ?, ?) RETURNING *
                    """, arguments: [id, project.id, branch, trigger, actor, Moment.now()])
            guard let row else { throw HarborError.notFound }
            return try DeploymentRow(row)
        }
    }

    /// Goes back to what an earlier deployment published: at once, since its release is still there.
    func rollBack(_ project: ProjectRow, to named: String?, actor: String) async throws -> DeploymentRow {
        let id = Identifier.make("dep")
        return try await pool.write { db in
            let earlier = try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM deployment WHERE project = ? AND status = 'published' AND release IS NOT NULL
                    AND release != (SELECT release FROM deployment WHERE id = ?) AND (? IS NULL OR id = ?)
                    ORDER BY number DESC LIMIT 1
                    """, arguments: [project.id, project.current, named, named])
            guard let earlier else {
                throw HarborError(409, "nothing_to_go_back_to", "No earlier release of this project is kept.")
            }
            let now = Moment.now()
            let row = try Row.fetchOne(
                db,
                sql: """
                    INSERT INTO deployment (id, project, branch, commit_id, status, trigger, actor, release,
                        attempts, created_at, started_at, finished_at)
                    VALUES (?, ?, ?, ?, 'published', 'rollback', ?, ?, 1, ?, ?, ?) RETURNING *
                    """,
                arguments: [
                    id, project.id, earlier["branch"] as String, earlier["commit_id"] as String?, actor,
                    earlier["release"] as String, now, now, now,
                ])
            try db.execute(sql: "UPDATE project SET current = ? WHERE id = ?", arguments: [id, project.id])
            guard let row else { throw HarborError.notFound }
            return try DeploymentRow(row)
        }
    }
}
