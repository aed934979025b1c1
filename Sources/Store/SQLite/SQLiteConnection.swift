import GRDB
import GRDBSQLite
import KeybearerVerification

/// One open transaction of the embedded driver.
struct SQLiteConnection: Connection {
    let database: GRDB.Database

    func rows(_ sql: StaticString, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let statement = try bound(sql, arguments)
        let cursor = try Row.fetchCursor(statement)
        var rows: [SQLRow] = []
        while try cursor.next() != nil {
            rows.append(SQLRow(values: (0..<Int32(statement.columnCount)).map { Self.column($0, of: statement) }))
        }
        return rows
    }

    func run(_ sql: StaticString, _ arguments: [SQLValue]) throws {
        try bound(sql, arguments).execute()
    }

    /// The one writer excludes all others already.
    func exclude(_ subject: Exclusion) {}

    /// `$1`, `$2` … are names to SQLite, which keeps one text for both drivers, so their places are asked for. Values go
    /// to SQLite itself: GRDB's arguments by name cost more than most statements.
    private func bound(_ sql: StaticString, _ arguments: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: "\(sql)")
        // Takes back what was bound before, and tells GRDB to ask for no arguments of its own.
        statement.setUncheckedArguments(StatementArguments())
        let handle = statement.sqliteStatement
        for place in 0..<sqlite3_bind_parameter_count(handle) {
            guard let name = sqlite3_bind_parameter_name(handle, place + 1),
                let number = Int(String(cString: name + 1)),
                arguments.indices.contains(number - 1)
            else { throw DatabaseError(resultCode: .SQLITE_RANGE, sql: "\(sql)") }
            let code = Self.bind(arguments[number - 1], to: handle, at: place + 1)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: "\(sql)") }
        }
        return statement
    }

    private static func bind(_ value: SQLValue, to statement: SQLiteStatement, at place: Int32) -> Int32 {
        // SQLite copies before it returns; its own name for that is a cast that Swift does not take over.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
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

    /// Of the row that the statement stands at.
    private static func column(_ index: Int32, of statement: Statement) -> SQLValue {
        let handle = statement.sqliteStatement
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .integer(Int64(sqlite3_column_double(handle, index)))
        case SQLITE_TEXT:
            guard let text = sqlite3_column_text(handle, index) else { return .null }
            let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, index)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(handle, index), count: Int(sqlite3_column_bytes(handle, index)))
            return .blob(Array(bytes))
        default: return .null
        }
    }
}
