import Foundation
import GRDB

/// Harbor's own data, beside Keybearer's in a file of its own. Every row belongs to one organization, and every read
/// that a request leads to names it.
final class HarborStore: Sendable {
    let pool: DatabasePool

    init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: Self.schema) }
        try migrator.migrate(pool)
    }

    private static let schema = """
        CREATE TABLE project (
            id TEXT PRIMARY KEY, organization TEXT NOT NULL, name TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('http', 'worker', 'cron')), repository TEXT NOT NULL,
            branch TEXT NOT NULL, current TEXT, created_at INTEGER NOT NULL, UNIQUE (organization, name)) STRICT;
        CREATE TABLE deployment (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
            project TEXT NOT NULL REFERENCES project(id) ON DELETE CASCADE, branch TEXT NOT NULL, commit_id TEXT,
            status TEXT NOT NULL CHECK (status IN ('queued', 'fetching', 'building', 'published', 'failed')),
            trigger TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL DEFAULT 0,
            release TEXT, created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER) STRICT;
        CREATE INDEX deployment_of_project ON deployment (project, number);
        CREATE INDEX deployment_at_work ON deployment (status) WHERE status IN ('queued', 'fetching', 'building');
        CREATE TABLE log_line (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            project TEXT NOT NULL REFERENCES project(id) ON DELETE CASCADE, deployment TEXT, at INTEGER NOT NULL,
            source TEXT NOT NULL CHECK (source IN ('build', 'request')), text TEXT NOT NULL) STRICT;
        CREATE INDEX log_of_project ON log_line (project, number);
        CREATE INDEX log_of_deployment ON log_line (deployment, number) WHERE deployment IS NOT NULL;
        CREATE TABLE request_hour (
            project TEXT NOT NULL REFERENCES project(id) ON DELETE CASCADE, hour INTEGER NOT NULL,
            requests INTEGER NOT NULL, errors INTEGER NOT NULL, bytes INTEGER NOT NULL,
            PRIMARY KEY (project, hour)) STRICT, WITHOUT ROWID;
        CREATE TABLE usage (
            organization TEXT NOT NULL, month TEXT NOT NULL, item TEXT NOT NULL, quantity INTEGER NOT NULL,
            PRIMARY KEY (organization, month, item)) STRICT, WITHOUT ROWID;
        CREATE TABLE stored_database (
            id TEXT PRIMARY KEY, organization TEXT NOT NULL, name TEXT NOT NULL, credential BLOB NOT NULL,
            created_at INTEGER NOT NULL, rotated_at INTEGER, UNIQUE (organization, name)) STRICT;
        CREATE TABLE entry (
            database TEXT NOT NULL REFERENCES stored_database(id) ON DELETE CASCADE, key TEXT NOT NULL,
            value BLOB NOT NULL, PRIMARY KEY (database, key)) STRICT, WITHOUT ROWID;
        CREATE TABLE connection (
            project TEXT PRIMARY KEY REFERENCES project(id) ON DELETE CASCADE, repository TEXT NOT NULL,
            secret BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
        CREATE TABLE delivery (
            project TEXT NOT NULL REFERENCES connection(project) ON DELETE CASCADE, id TEXT NOT NULL,
            PRIMARY KEY (project, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE ai_key (
            id TEXT PRIMARY KEY, organization TEXT NOT NULL, name TEXT NOT NULL, secret BLOB NOT NULL,
            uses INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, UNIQUE (organization, name)) STRICT;
        """
}

/// Milliseconds since 1970, as the store keeps times.
enum Moment {
    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    static func text(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// `2026-11`, in UTC.
    static func month(_ milliseconds: Int64) -> String { String(text(milliseconds).prefix(7)) }
}

enum Identifier {
    /// 100 random bits below a prefix, in letters that a host's name may have.
    static func make(_ prefix: String) -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        return prefix + "_" + String((0..<20).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}
