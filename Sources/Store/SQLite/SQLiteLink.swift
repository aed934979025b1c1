import GRDB
import GRDBSQLite

/// One connection to the file, past GRDB, which opens the file, changes its schema and copies it
/// ([decision 15](docs/decisions/0015-a-change-stays-on-its-thread.md)).
///
/// Sound, because whoever has a link has taken it from where others would find it.
final class SQLiteLink: @unchecked Sendable {
    /// From so many on the log is worth being copied into the file; SQLite's own measure.
    private static let longLog: Int32 = 1000

    private let handle: OpaquePointer
    private let statements: SQLiteStatements
    // How many pages the log had after the last commit of this link. Freed with the link; only SQLite's hook writes to it,
    // on the thread that commits.
    private let pagesInLog = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    /// - Parameter path: of a file that is there and in WAL mode.
    /// - Throws: `DatabaseError`.
    init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        pagesInLog.initialize(to: 0)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            pagesInLog.deallocate()
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "cannot open \(path)")
        }
        handle = opened
        statements = SQLiteStatements(of: opened)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, SQLiteDatabase.busySeconds * 1000)
        try statements.run("PRAGMA foreign_keys = ON")
        try statements.run(SQLiteDatabase.durability)
        try statements.run(SQLiteDatabase.logLimit)
        // In the place of the hook by which SQLite copies a long log inside the commit that made it long.
        sqlite3_wal_hook(
            handle,
            { pagesInLog, _, _, count in
                pagesInLog?.storeBytes(of: count, as: Int32.self)
                return SQLITE_OK
            }, pagesInLog)
    }

    deinit {
        statements.finalize()
        sqlite3_close_v2(handle)
        pagesInLog.deallocate()
    }

    /// Whether `copyLog` is due.
    var hasLongLog: Bool { pagesInLog.pointee >= Self.longLog }

    /// Copies the log into the file, so that the next commit begins it anew, and waits for the disk twice. What cannot be
    /// copied now, since somebody reads it, is the next time.
    func copyLog() {
        pagesInLog.pointee = 0
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// - Throws: what `body` throws; `DatabaseError`.
    func read<Result>(_ body: (any Connection) throws -> Result) throws -> Result {
        try statements.run("BEGIN DEFERRED")
        defer { end() }
        return try body(SQLiteConnection(statements))
    }

    /// Runs all in one transaction, one after the other. Each finds what those before it have written; one that throws
    /// leaves nothing behind and the others alone.
    func write(_ writes: [any QueuedWrite], _ committing: Committing) {
        do {
            try statements.run("BEGIN IMMEDIATE")
            try committing.during {
                defer { end() }
                let kept = try writes.filter { try keeps($0, alone: writes.count == 1) }
                guard !kept.isEmpty else { return }
                try commit()
                for write in kept { write.tell(isLast: write === kept.last) }
            }
        } catch {
            for write in writes { write.fail(error) }
        }
    }

    /// - Returns: false where the write has thrown.
    /// - Throws: where no transaction is left, which a full disk may have ended.
    private func keeps(_ write: any QueuedWrite, alone: Bool) throws -> Bool {
        if !alone { try statements.run("SAVEPOINT one") }
        do {
            try write.run(on: SQLiteConnection(statements))
        } catch {
            write.fail(error)
            guard isInTransaction else { throw error }
            if !alone {
                try statements.run("ROLLBACK TO one")
                try statements.run("RELEASE one")
            }
            return false
        }
        if !alone { try statements.run("RELEASE one") }
        return true
    }

    /// - Throws: `DatabaseError` where nothing was changed; `CommitUnknown`.
    private func commit() throws {
        do {
            try statements.run("COMMIT")
        } catch let error as DatabaseError {
            // A disk that is full or a lock that is held refuses before anything is part of the log.
            if isInTransaction || [.SQLITE_FULL, .SQLITE_BUSY].contains(error.resultCode) { throw error }
            throw CommitUnknown()
        }
    }

    private var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func end() {
        guard isInTransaction else { return }
        _ = try? statements.run("ROLLBACK")
    }
}
