import GRDB
import GRDBSQLite
import KeybearerVerification

/// The statements of one connection, each compiled once and found by where its text lies in the program.
final class SQLiteStatements {
    private let handle: OpaquePointer
    private var compiled: [UnsafePointer<UInt8>: Compiled] = [:]

    private struct Compiled {
        let statement: OpaquePointer
        /// For each of SQLite's parameters in turn, which argument it takes: `$1`, `$2` … are names to SQLite, and what a
        /// name stands for does not change.
        let places: [Int]
    }

    /// - Parameter handle: of a connection that is in use by one thread at a time.
    init(of handle: OpaquePointer) { self.handle = handle }

    deinit { finalize() }

    func finalize() {
        for entry in compiled.values { sqlite3_finalize(entry.statement) }
        compiled = [:]
    }

    /// - Returns: the rows, all of them read.
    /// - Throws: `DatabaseError`.
    @discardableResult
    func run(_ sql: StaticString, _ arguments: [SQLValue] = []) throws -> [SQLRow] {
        let entry = try compile(sql)
        let statement = entry.statement
        defer {
            sqlite3_reset(statement)
            // What a statement was asked about does not stay in memory.
            if !entry.places.isEmpty { sqlite3_clear_bindings(statement) }
        }
        for (index, place) in entry.places.enumerated() {
            guard arguments.indices.contains(place),
                arguments[place].bind(to: statement, at: Int32(index + 1)) == SQLITE_OK
            else { throw failure(sql) }
        }
        let columns = sqlite3_column_count(statement)
        var rows: [SQLRow] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: rows.append(SQLRow(values: (0..<columns).map { SQLValue(statement, column: $0) }))
            case SQLITE_DONE: return rows
            default: throw failure(sql)
            }
        }
    }

    private func compile(_ sql: StaticString) throws -> Compiled {
        if let known = compiled[sql.utf8Start] { return known }
        var statement: OpaquePointer?
        let code = sql.withUTF8Buffer { text in
            text.withMemoryRebound(to: CChar.self) {
                sqlite3_prepare_v3(
                    handle, $0.baseAddress, Int32($0.count), UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
            }
        }
        guard code == SQLITE_OK, let statement else { throw failure(sql) }
        let places = (0..<sqlite3_bind_parameter_count(statement)).map { index in
            sqlite3_bind_parameter_name(statement, index + 1).flatMap { Int(String(cString: $0 + 1)) }.map { $0 - 1 }
        }
        let entry = Compiled(statement: statement, places: places.map { $0 ?? -1 })
        compiled[sql.utf8Start] = entry
        return entry
    }

    private func failure(_ sql: StaticString) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(handle)),
            message: String(cString: sqlite3_errmsg(handle)), sql: "\(sql)")
    }
}

extension SQLValue {
    /// Of the row that the statement stands at.
    fileprivate init(_ statement: OpaquePointer, column: Int32) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: self = .integer(Int64(sqlite3_column_double(statement, column)))
        case SQLITE_TEXT:
            let text = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column)))
            self = .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column)))
            self = .blob(Array(bytes))
        default: self = .null
        }
    }

    fileprivate func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        // SQLite copies before it returns; its own name for that is a cast that Swift does not take over.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch self {
        case .null: return sqlite3_bind_null(statement, place)
        case .integer(let number): return sqlite3_bind_int64(statement, place, number)
        case .text(var text):
            // Its address would be NULL, which binds NULL.
            guard !text.isEmpty else { return sqlite3_bind_text(statement, place, "", 0, copies) }
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(statement, place, $0.baseAddress, Int32($0.count), copies)
                }
            }
        case .blob(let bytes):
            return bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, place, 0)
                : bytes.withUnsafeBytes { sqlite3_bind_blob(statement, place, $0.baseAddress, Int32($0.count), copies) }
        }
    }
}
