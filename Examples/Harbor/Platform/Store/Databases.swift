import Foundation
import GRDB
import HarborAPI

extension HarborStore {
    static let entriesPerDatabase = 10_000

    func databases(of organization: String, url: @escaping @Sendable (String) -> String) async throws
        -> [HarborAPI.Database]
    {
        try await pool.read { db in
            try Row.fetchAll(
                db, sql: "\(Self.selectedDatabase) WHERE organization = ? ORDER BY created_at",
                arguments: [organization]
            ).map { Self.shown($0, url) }
        }
    }

    func database(_ id: String, of organization: String, url: @escaping @Sendable (String) -> String) async throws
        -> HarborAPI.Database
    {
        try await pool.read { db in
            let row = try Row.fetchOne(
                db, sql: "\(Self.selectedDatabase) WHERE id = ? AND organization = ?", arguments: [id, organization])
            guard let row else { throw HarborError.notFound }
            return Self.shown(row, url)
        }
    }

    private static let selectedDatabase = """
        SELECT *, (SELECT count(*) FROM entry WHERE database = stored_database.id) AS entries FROM stored_database
        """

    private static func shown(_ row: Row, _ url: @Sendable (String) -> String) -> HarborAPI.Database {
        HarborAPI.Database(
            id: row["id"], name: row["name"], url: url(row["id"]), entries: row["entries"],
            createdAt: Moment.text(row["created_at"]), rotatedAt: (row["rotated_at"] as Int64?).map(Moment.text))
    }

    /// - Parameter digest: SHA-256 of the credential; the credential itself is kept nowhere.
    func insertDatabase(_ name: String, of organization: String, digest: Data) async throws -> String {
        let id = Identifier.make("dat")
        do {
            try await pool.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO stored_database (id, organization, name, credential, created_at)
                        VALUES (?, ?, ?, ?, ?)
                        """, arguments: [id, organization, name, digest, Moment.now()])
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw HarborError(409, "name_taken", "This organization has a database of that name.")
        }
        return id
    }

    /// The credential before it ends in this transaction.
    func rotateDatabase(_ id: String, of organization: String, digest: Data) async throws {
        let count = try await pool.write { db in
            try db.execute(
                sql: "UPDATE stored_database SET credential = ?, rotated_at = ? WHERE id = ? AND organization = ?",
                arguments: [digest, Moment.now(), id, organization])
            return db.changesCount
        }
        guard count == 1 else { throw HarborError.notFound }
    }

    func deleteDatabase(_ id: String, of organization: String) async throws {
        let count = try await pool.write { db in
            try db.execute(
                sql: "DELETE FROM stored_database WHERE id = ? AND organization = ?", arguments: [id, organization])
            return db.changesCount
        }
        guard count == 1 else { throw HarborError.notFound }
    }

    func credentialDigest(ofDatabase id: String) async throws -> Data? {
        try await pool.read { db in
            try Data.fetchOne(db, sql: "SELECT credential FROM stored_database WHERE id = ?", arguments: [id])
        }
    }

    func entry(_ key: String, in database: String) async throws -> Data? {
        try await pool.read { db in
            try Data.fetchOne(
                db, sql: "SELECT value FROM entry WHERE database = ? AND key = ?", arguments: [database, key])
        }
    }

    func putEntry(_ key: String, _ value: Data, in database: String) async throws {
        try await pool.write { db in
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM entry WHERE database = ? AND key != ?", arguments: [database, key])
            guard (count ?? 0) < Self.entriesPerDatabase else {
                throw HarborError(409, "database_full", "A database holds \(Self.entriesPerDatabase) entries.")
            }
            try db.execute(
                sql: """
                    INSERT INTO entry (database, key, value) VALUES (?, ?, ?)
                    ON CONFLICT (database, key) DO UPDATE SET value = excluded.value
                    """, arguments: [database, key, value])
        }
    }

    func removeEntry(_ key: String, in database: String) async throws {
        try await pool.write { db in
            try db.execute(sql: "DELETE FROM entry WHERE database = ? AND key = ?", arguments: [database, key])
        }
    }
}
