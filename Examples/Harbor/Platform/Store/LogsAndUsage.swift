import GRDB
import HarborAPI

extension HarborStore {
    static let linesKept = 5000

    func log(_ text: String, project: String, deployment: String) async throws {
        try await pool.write { db in
            try db.execute(
                sql: "INSERT INTO log_line (project, deployment, at, source, text) VALUES (?, ?, ?, 'build', ?)",
                arguments: [project, deployment, Moment.now(), text])
        }
    }

    /// Lines of a project, or of one of its deployments, in the order in which they were written.
    func lines(project: String, deployment: String?, after: Int64, limit: Int) async throws -> [LogLine] {
        try await pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM log_line WHERE project = ? AND number > ? AND (? IS NULL OR deployment = ?)
                    ORDER BY number LIMIT ?
                    """, arguments: [project, after, deployment, deployment, limit]
            ).map {
                LogLine(number: $0["number"], at: Moment.text($0["at"]), source: $0["source"], text: $0["text"])
            }
        }
    }

    func hours(of project: String, since: Int64) async throws -> [MetricPoint] {
        try await pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM request_hour WHERE project = ? AND hour >= ? ORDER BY hour",
                arguments: [project, since]
            ).map {
                MetricPoint(
                    hour: Moment.text(($0["hour"] as Int64) * 3_600_000), requests: $0["requests"],
                    errors: $0["errors"], bytes: $0["bytes"])
            }
        }
    }

    /// Adds what sites have answered since the last time.
    func add(_ counts: [RequestCounter.Place: RequestCounter.Count], lines: [RequestCounter.Line]) async throws {
        try await pool.write { db in
            for (place, count) in counts {
                // A project that was deleted meanwhile has no hours, but its organization pays.
                try db.execute(
                    sql: """
                        INSERT INTO request_hour (project, hour, requests, errors, bytes)
                        SELECT id, ?, ?, ?, ? FROM project WHERE id = ?
                        ON CONFLICT (project, hour) DO UPDATE SET requests = requests + excluded.requests,
                            errors = errors + excluded.errors, bytes = bytes + excluded.bytes
                        """, arguments: [place.hour, count.requests, count.errors, count.bytes, place.project])
                try Self.count(db, place.organization, "requests", count.requests)
                try Self.count(db, place.organization, "bytes", count.bytes)
            }
            for line in lines {
                try db.execute(
                    sql: """
                        INSERT INTO log_line (project, at, source, text) SELECT id, ?, 'request', ? FROM project
                        WHERE id = ?
                        """, arguments: [line.at, line.text, line.project])
            }
            for project in Set(lines.map(\.project)) {
                try db.execute(
                    sql: """
                        DELETE FROM log_line WHERE project = ? AND number <= (
                            SELECT number FROM log_line WHERE project = ? ORDER BY number DESC LIMIT 1 OFFSET ?)
                        """, arguments: [project, project, Self.linesKept])
            }
        }
    }

    /// Adds to what an organization has used this month; the bill is computed of nothing else.
    static func count(_ db: GRDB.Database, _ organization: String, _ item: String, _ quantity: Int64) throws {
        guard quantity > 0 else { return }
        try db.execute(
            sql: """
                INSERT INTO usage (organization, month, item, quantity) VALUES (?, ?, ?, ?)
                ON CONFLICT (organization, month, item) DO UPDATE SET quantity = quantity + excluded.quantity
                """, arguments: [organization, Moment.month(Moment.now()), item, quantity])
    }

    func usage(of organization: String, month: String) async throws -> [String: Int64] {
        try await pool.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT item, quantity FROM usage WHERE organization = ? AND month = ?",
                arguments: [organization, month])
            return Dictionary(rows.map { ($0["item"], $0["quantity"]) }, uniquingKeysWith: { $0 + $1 })
        }
    }
}
