import KeybearerAdministration
import KeybearerVerification

extension SQLValue {
    static func text(_ value: some CustomStringConvertible) -> SQLValue { .text(value.description) }
    static func text(_ value: (some CustomStringConvertible)?) -> SQLValue {
        value.map { .text($0.description) } ?? .null
    }
    static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    static func time(_ value: Timestamp) -> SQLValue { .integer(value.microseconds) }
    static func time(_ value: Timestamp?) -> SQLValue { value.map { .time($0) } ?? .null }
    static func digest(_ value: KeyDigest) -> SQLValue { .blob(value.bytes) }
    static func number(_ value: Int) -> SQLValue { .integer(Int64(value)) }
}

extension SQLRow {
    func integer(_ column: Int) throws -> Int64 {
        guard case .integer(let value) = values[column] else { throw CorruptRow(column: column) }
        return value
    }

    func optionalInteger(_ column: Int) throws -> Int64? {
        if case .null = values[column] { return nil }
        return try integer(column)
    }

    func text(_ column: Int) throws -> String {
        guard case .text(let value) = values[column] else { throw CorruptRow(column: column) }
        return value
    }

    func optionalText(_ column: Int) throws -> String? {
        if case .null = values[column] { return nil }
        return try text(column)
    }

    func blob(_ column: Int) throws -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw CorruptRow(column: column) }
        return value
    }

    func flag(_ column: Int) throws -> Bool { try integer(column) != 0 }
    func time(_ column: Int) throws -> Timestamp { Timestamp(microseconds: try integer(column)) }
    func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalInteger(column).map { Timestamp(microseconds: $0) }
    }

    func id<Kind>(_ column: Int) throws -> Identifier<Kind> { try parsed(column) { Identifier<Kind>($0) } }
    func optionalID<Kind>(_ column: Int) throws -> Identifier<Kind>? {
        try optionalText(column) == nil ? nil : try id(column)
    }

    func digest(_ column: Int) throws -> KeyDigest {
        guard let digest = KeyDigest(bytes: try blob(column)) else { throw CorruptRow(column: column) }
        return digest
    }

    func optionalAddress(_ column: Int) throws -> IPAddress? {
        guard try optionalText(column) != nil else { return nil }
        return try parsed(column) { IPAddress($0) }
    }

    /// A text that was parsed before it was written, parsed again.
    func parsed<Value>(_ column: Int, _ parse: (String) -> Value?) throws -> Value {
        guard let value = parse(try text(column)) else { throw CorruptRow(column: column) }
        return value
    }

    /// A list in one column, its items separated by line feeds, which none of them can hold.
    func list<Value>(_ column: Int, _ parse: (String) -> Value?) throws -> [Value] {
        let items = try self.text(column)
        guard !items.isEmpty else { return [] }
        var values: [Value] = []
        for item in items.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let value = parse(String(item)) else { throw CorruptRow(column: column) }
            values.append(value)
        }
        return values
    }
}

extension SQLValue {
    static func list(_ items: [some CustomStringConvertible]) -> SQLValue {
        let joined: String = items.map { $0.description }.joined(separator: "\n")
        return .text(joined)
    }
}
