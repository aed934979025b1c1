/// One statement with its arguments, ready to be sent.
struct PostgreSQLStatement {
    let sql: StaticString
    let arguments: [SQLValue]

    init(_ sql: StaticString, _ arguments: [SQLValue] = []) {
        self.sql = sql
        self.arguments = arguments
    }
}

/// Arguments as libpq takes them. Numbers travel as text, so that they fit whatever integer type the server has
/// inferred; texts and bytes travel with their length, so that no NUL can end them early.
struct PostgreSQLArguments {
    private var storage: [UInt8] = []
    private var offsets: [Int?] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []

    init(_ values: [SQLValue]) {
        for value in values {
            switch value {
            case .null: append(nil, format: 0)
            case .integer(let number): append(Array(String(number).utf8) + [0], format: 0)
            case .text(let text): append(Array(text.utf8), format: 1)
            case .blob(let bytes): append(bytes, format: 1)
            }
        }
    }

    private mutating func append(_ bytes: [UInt8]?, format: Int32) {
        offsets.append(bytes == nil ? nil : storage.count)
        lengths.append(Int32(bytes?.count ?? 0))
        formats.append(format)
        // One byte more than needed: the address of an empty value must not be one that libpq reads as NULL.
        storage += (bytes ?? []) + [0]
    }

    /// Calls `body` with the values' addresses, which are valid until it returns.
    func withValues<Result>(_ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
        storage.withUnsafeBytes { buffer in
            body(
                offsets.map { offset in
                    offset.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
                })
        }
    }
}
