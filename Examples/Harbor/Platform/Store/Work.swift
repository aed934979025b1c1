import GRDB
import HarborAPI

/// What the deployer does to deployments, each step one transaction.
extension HarborStore {
    static let mostAttempts = 3
    static let releasesKept = 5

    /// Takes the oldest that waits, of a project that nothing else is done for at the moment.
    func claim() async throws -> (deployment: DeploymentRow, project: ProjectRow)? {
        try await pool.write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE deployment SET status = 'fetching', attempts = attempts + 1, started_at = ?
                    WHERE number = (
                        SELECT min(number) FROM deployment AS waiting WHERE status = 'queued' AND NOT EXISTS (
                            SELECT 1 FROM deployment AS busy
                            WHERE busy.project = waiting.project AND busy.status IN ('fetching', 'building')))
                    RETURNING *
                    """, arguments: [Moment.now()])
            guard let row else { return nil }
            let deployment = try DeploymentRow(row)
            let found = try Row.fetchOne(
                db, sql: "SELECT *, NULL AS current_commit FROM project WHERE id = ?", arguments: [deployment.project])
            guard let found else { return nil }
            return (deployment, try ProjectRow(found))
        }
    }

    func building(_ id: String, commit: String) async throws {
        try await pool.write { db in
            try db.execute(
                sql: "UPDATE deployment SET status = 'building', commit_id = ? WHERE id = ?", arguments: [commit, id])
        }
    }

    /// The moment at which the site changes. A deployment that was overtaken is published without effect.
    ///
    /// - Returns: folders that nothing leads to any more.
    func publish(_ deployment: DeploymentRow, organization: String) async throws -> [String] {
        try await pool.write { db in
            let now = Moment.now()
            try db.execute(
                sql: "UPDATE deployment SET status = 'published', release = id, finished_at = ? WHERE id = ?",
                arguments: [now, deployment.id])
            try db.execute(
                sql: """
                    UPDATE project SET current = ? WHERE id = ? AND coalesce(
                        (SELECT number FROM deployment WHERE id = project.current), 0) < ?
                    """, arguments: [deployment.id, deployment.project, deployment.number])
            try Self.count(db, organization, "build_milliseconds", now - (deployment.startedAt ?? now))
            let dropped = try String.fetchAll(
                db,
                sql: """
                    SELECT id FROM deployment WHERE project = ? AND release = id AND id NOT IN (
                        SELECT release FROM deployment WHERE project = ? AND release IS NOT NULL
                        GROUP BY release ORDER BY max(number) DESC LIMIT ?)
                    """, arguments: [deployment.project, deployment.project, Self.releasesKept])
            for id in dropped {
                try db.execute(sql: "UPDATE deployment SET release = NULL WHERE release = ?", arguments: [id])
            }
            return dropped
        }
    }

    /// The site stays what it is.
    func fail(_ deployment: DeploymentRow, _ reason: String, organization: String) async throws {
        try await pool.write { db in
            let now = Moment.now()
            try db.execute(
                sql: "UPDATE deployment SET status = 'failed', reason = ?, finished_at = ? WHERE id = ?",
                arguments: [reason, now, deployment.id])
            try Self.count(db, organization, "build_milliseconds", now - (deployment.startedAt ?? now))
        }
    }

    /// Puts back into the queue what a process that is gone had begun.
    ///
    /// - Returns: the releases that something leads to; every other folder is left over.
    func recover() async throws -> Set<String> {
        try await pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO log_line (project, deployment, at, source, text)
                    SELECT project, id, ?, 'build', 'The server ended in the middle; beginning again.' FROM deployment
                    WHERE status IN ('fetching', 'building') AND attempts < ?
                    """, arguments: [Moment.now(), Self.mostAttempts])
            try db.execute(
                sql: """
                    UPDATE deployment SET status = 'queued', commit_id = NULL
                    WHERE status IN ('fetching', 'building') AND attempts < ?
                    """, arguments: [Self.mostAttempts])
            try db.execute(
                sql: """
                    UPDATE deployment SET status = 'failed', reason = 'the server ended each time', finished_at = ?
                    WHERE status IN ('fetching', 'building')
                    """, arguments: [Moment.now()])
            return Set(
                try String.fetchAll(db, sql: "SELECT DISTINCT release FROM deployment WHERE release IS NOT NULL"))
        }
    }
}
