import KeybearerAdministration
import KeybearerVerification

extension SQLiteDatabase {
    /// What an operator wants to know of the file.
    public struct Facts: Sendable {
        public let schema: Int64
        public let keys: Int64
        /// WAL mode with `synchronous=FULL`: what was answered survives a loss of power.
        public let isDurable: Bool

        init(_ connection: any Connection) throws {
            let journal = try connection.row("PRAGMA journal_mode", [])?.text(0)
            let synchronous = try connection.row("PRAGMA synchronous", [])?.integer(0)
            schema = try connection.row("PRAGMA user_version", [])?.integer(0) ?? 0
            keys = try connection.row("SELECT count(*) FROM api_key", [])?.integer(0) ?? 0
            isDurable = journal == "wal" && synchronous == 2
        }
    }

    public func facts() async throws -> Facts { try await read { try Facts($0) } }

    /// What SQLite itself finds wrong with the file's structure and references; empty where nothing is.
    public func integrityFaults() async throws -> [String] {
        try await read { connection in
            let structure = try connection.rows("PRAGMA integrity_check", []).map { try $0.text(0) }
            let references = try connection.rows("PRAGMA foreign_key_check", [])
                .map { "a row of \(try $0.text(0)) refers to one that is missing" }
            return structure.filter { $0 != "ok" } + references
        }
    }
}

extension Store {
    /// Keys whose digest is stored without a pepper.
    public func plainDigestCount() async throws -> Int64 {
        try await withConnection {
            try $0.row("SELECT count(*) FROM api_key WHERE pepper_id IS NULL", [])?.integer(0) ?? 0
        }
    }

    /// Stores every plain digest under the current pepper, all or none.
    ///
    /// - Returns: how many there were.
    public func applyPepper(_ peppers: Peppers) async throws -> Int {
        try await withWritingConnection { connection in
            let rows = try connection.rows("SELECT id, digest FROM api_key WHERE pepper_id IS NULL", [])
            for row in rows {
                let sealed = peppers.seal(try row.digest(1))
                try connection.run(
                    "UPDATE api_key SET digest = $2, pepper_id = $3 WHERE id = $1",
                    [.text(try row.text(0)), .blob(sealed.bytes), .text(sealed.pepperID)])
            }
            _ = try connection.log([.everything], at: self.now())
            return rows.count
        }
    }
}
