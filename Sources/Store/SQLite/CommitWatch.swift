import CLinux
import GRDB
import GRDBSQLite
import Synchronization

/// Tells within nanoseconds whether anybody has committed to the file: by the header of SQLite's WAL index, which
/// every process that has the file open shares as memory and which every commit writes before it is seen
/// (https://sqlite.org/walformat.html, section 2.1). It is there twice; the second copy is written before the first.
final class CommitWatch: Sendable {
    private enum Offset {
        static let count = 8
        static let frames = 16
        static let checksum = 40
        static let secondCopy = 48
        static let region: Int32 = 32_768
    }

    /// Sound, because the connection is only used while the mutex is held and the header is only read, by whole words.
    private struct Handle: @unchecked Sendable {
        let database: OpaquePointer
        let statement: OpaquePointer
        let header: UnsafeRawPointer
    }

    private let handle: Handle
    private let asking = Mutex(())

    /// Of the process's own commits.
    private let committing: Committing

    /// - Throws: `StoreError` where the file is not in WAL mode or its index is not shared.
    init(path: String, committing: Committing) throws {
        self.committing = committing
        var database: OpaquePointer?
        var statement: OpaquePointer?
        guard
            sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            let database, sqlite3_prepare_v2(database, "PRAGMA data_version", -1, &statement, nil) == SQLITE_OK,
            let statement, sqlite3_step(statement) == SQLITE_ROW, sqlite3_reset(statement) == SQLITE_OK,
            let header = Self.header(database)
        else {
            sqlite3_finalize(statement)
            sqlite3_close(database)
            throw StoreError.unreadable(path: path, reason: "its write-ahead log's index cannot be shared")
        }
        handle = Handle(database: database, statement: statement, header: header)
    }

    deinit {
        sqlite3_finalize(handle.statement)
        sqlite3_close(handle.database)
    }

    // The mapping lasts as long as the connection that it was asked of is open.
    private static func header(_ database: OpaquePointer) -> UnsafeRawPointer? {
        // Reading makes the connection share the index.
        guard sqlite3_exec(database, "SELECT count(*) FROM sqlite_schema", nil, nil, nil) == SQLITE_OK else {
            return nil
        }
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let methods = file.pointee.pMethods, methods.pointee.iVersion >= 2, let share = methods.pointee.xShmMap
        else { return nil }
        var region: UnsafeMutableRawPointer?
        guard share(file, 0, Offset.region, 0, &region) == SQLITE_OK else { return nil }
        return region.map { UnsafeRawPointer($0) }
    }

    /// What the last commit that can be seen left in the header, and no other did: the header's checksum. The header
    /// counts commits, and its checksum differs with the count.
    func mark() -> UInt64 { keybearer_load64(handle.header + Offset.checksum) }

    /// How many commits there were, modulo 2³². Inside a writing transaction it stays until that commits.
    func count() -> UInt32 { keybearer_load32(handle.header + Offset.count) }

    /// The mark of the commit that made it so many; nil where another has followed, or is about to.
    func mark(ofCommit count: UInt32) -> UInt64? {
        let mark = mark()
        // Whoever commits next writes the second copy first, so with the right count in there the mark above is not
        // theirs.
        return keybearer_load32(handle.header + Offset.secondCopy + Offset.count) == count ? mark : nil
    }

    /// Whether nothing has been committed since this process began the commit that will make it so many, and its mark is
    /// new only because that commit begins the log anew. False where that cannot be told.
    func hasOnlyBegunAnew(forCommit count: UInt32) -> Bool {
        // Under way, nobody else can commit or mend the index. Once it is there the count says so.
        committing.isUnderWay && self.count() == count &- 1 && keybearer_load32(handle.header + Offset.frames) == 0
    }

    /// Whether the file itself can be asked, for readiness.
    func canBeAsked() -> Bool {
        asking.withLock { _ in
            defer { sqlite3_reset(handle.statement) }
            return sqlite3_step(handle.statement) == SQLITE_ROW
        }
    }
}
