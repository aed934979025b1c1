import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// Tells within a microsecond whether any connection has committed to the file since it was last asked: SQLite's
/// `PRAGMA data_version` on a connection that nobody else uses (https://sqlite.org/pragma.html#pragma_data_version).
final class ForeignCommits: Sendable {
    /// The handle and statement are only used while the mutex is held.
    private struct Handle: @unchecked Sendable {
        let database: OpaquePointer
        let statement: OpaquePointer
    }

    private let handle: Mutex<Handle>

    init(path: String) throws {
        var database: OpaquePointer?
        var statement: OpaquePointer?
        guard
            sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            let database, sqlite3_prepare_v2(database, "PRAGMA data_version", -1, &statement, nil) == SQLITE_OK,
            let statement
        else {
            sqlite3_close(database)
            throw StoreError.unreadable(path: path, reason: "its version cannot be read")
        }
        handle = Mutex(Handle(database: database, statement: statement))
    }

    deinit {
        handle.withLock { handle in
            sqlite3_finalize(handle.statement)
            sqlite3_close(handle.database)
        }
    }

    /// nil where the file cannot be asked, which must not be taken for "nothing has changed".
    func version() -> Int64? {
        handle.withLock { handle in
            defer { sqlite3_reset(handle.statement) }
            guard sqlite3_step(handle.statement) == SQLITE_ROW else { return nil }
            return sqlite3_column_int64(handle.statement, 0)
        }
    }
}
