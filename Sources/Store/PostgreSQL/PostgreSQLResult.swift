import CLibpq

/// Reads the rows of one result, which the server sends in its binary format.
struct PostgreSQLResult {
    let handle: OpaquePointer

    /// - Throws: `CorruptRow` where a column has a type that no statement of the store asks for.
    func rows() throws -> [SQLRow] {
        let columns = PQnfields(handle)
        return try (0..<PQntuples(handle)).map { row in
            SQLRow(values: try (0..<columns).map { try value(row, $0) })
        }
    }

    private func value(_ row: Int32, _ column: Int32) throws -> SQLValue {
        guard PQgetisnull(handle, row, column) == 0 else { return .null }
        guard let start = PQgetvalue(handle, row, column) else { throw CorruptRow(column: Int(column)) }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column)))
        switch PQftype(handle, column) {
        case Self.bigint, Self.integer, Self.smallint, Self.boolean: return .integer(Self.number(bytes))
        case Self.text: return .text(String(decoding: bytes, as: UTF8.self))
        case Self.bytes: return .blob(Array(bytes))
        case Self.nothing: return .null
        default: throw CorruptRow(column: Int(column))
        }
    }

    /// Big-endian two's complement of any width up to eight bytes; a boolean is one byte and never negative.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        var value: Int64 = bytes.count > 1 && (bytes.first ?? 0) & 0x80 != 0 ? -1 : 0
        for byte in bytes { value = value << 8 | Int64(byte) }
        return value
    }

    // Numbers of types in pg_type, which are part of the protocol and do not change.
    private static let boolean: Oid = 16
    private static let bytes: Oid = 17
    private static let bigint: Oid = 20
    private static let smallint: Oid = 21
    private static let integer: Oid = 23
    private static let text: Oid = 25
    private static let nothing: Oid = 2278
}
