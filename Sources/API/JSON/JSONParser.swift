extension JSON {
    /// The deepest nesting of arrays and objects that a body may have.
    public static let maximumDepth = 16

    /// Parses one RFC 8259 value that takes up the whole text.
    ///
    /// Stricter than the RFC demands, so that no two readers of a body can disagree: duplicate keys (compared after
    /// unescaping), lone surrogates, a byte order mark, nesting deeper than `maximumDepth` and numbers beyond a
    /// double's range are refused. `\u0000` is a character like any other.
    public static func parse(_ bytes: some Collection<UInt8>) throws(MalformedJSON) -> JSON {
        try parse(bytes, maximumDepth: maximumDepth)
    }

    static func parse(_ bytes: some Collection<UInt8>, maximumDepth: Int) throws(MalformedJSON) -> JSON {
        var parser = JSONParser(bytes: Array(bytes), maximumDepth: maximumDepth)
        return try parser.document()
    }
}

/// A recursive descent over the bytes; `maximumDepth` bounds the recursion.
struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    var position = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(MalformedJSON) -> JSON {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw MalformedJSON(.byteOrderMark, at: 0) }
        skipWhitespace()
        if position == bytes.count { throw MalformedJSON(.empty, at: position) }
        let value = try value(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw MalformedJSON(.trailingData, at: position) }
        return value
    }

    private mutating func value(depth: Int) throws(MalformedJSON) -> JSON {
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw MalformedJSON(.unexpectedByte, at: position)
        }
    }

    private mutating func object(depth: Int) throws(MalformedJSON) -> JSONObject {
        if depth > maximumDepth { throw MalformedJSON(.tooDeep, at: position) }
        position += 1
        skipWhitespace()
        var object = JSONObject()
        if try accept(UInt8(ascii: "}")) { return object }
        var seen = SeenKeys()
        while true {
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw MalformedJSON(.unexpectedByte, at: position) }
            let key = try string()
            guard seen.insert(key) else { throw MalformedJSON(.duplicateKey, at: start) }
            skipWhitespace()
            guard try accept(UInt8(ascii: ":")) else { throw MalformedJSON(.unexpectedByte, at: position) }
            skipWhitespace()
            object.append(key, try value(depth: depth))
            skipWhitespace()
            if try accept(UInt8(ascii: "}")) { return object }
            guard try accept(UInt8(ascii: ",")) else { throw MalformedJSON(.unexpectedByte, at: position) }
            skipWhitespace()
        }
    }

    private mutating func array(depth: Int) throws(MalformedJSON) -> [JSON] {
        if depth > maximumDepth { throw MalformedJSON(.tooDeep, at: position) }
        position += 1
        skipWhitespace()
        var elements: [JSON] = []
        if try accept(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipWhitespace()
            if try accept(UInt8(ascii: "]")) { return elements }
            guard try accept(UInt8(ascii: ",")) else { throw MalformedJSON(.unexpectedByte, at: position) }
            skipWhitespace()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(MalformedJSON) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard try accept(word.utf8Start[index]) else { throw MalformedJSON(.unexpectedByte, at: position) }
        }
        return value
    }

    func peek() throws(MalformedJSON) -> UInt8 {
        guard position < bytes.count else { throw MalformedJSON(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    mutating func accept(_ byte: UInt8) throws(MalformedJSON) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }
}

/// The keys of one object. Few are compared one by one, many through Swift's seeded hashing, so that no choice of
/// keys makes a body slow.
private struct SeenKeys {
    private var few: [String] = []
    private var many: Set<[UInt8]> = []

    /// False where the key, byte for byte, was there already.
    mutating func insert(_ key: String) -> Bool {
        if many.isEmpty {
            if few.contains(where: { $0.utf8.elementsEqual(key.utf8) }) { return false }
            few.append(key)
            if few.count > 16 { many = Set(few.map { Array($0.utf8) }) }
            return true
        }
        return many.insert(Array(key.utf8)).inserted
    }
}
