extension RequestHead {
    /// Fields beyond this number are a flood (A18).
    static let maximumFields = 64

    /// Parses a head that ends in its empty line and in which every line ends in CR LF.
    init(parsing source: some Collection<UInt8>) throws(HTTPRefusal) {
        var scanner = HeadScanner(bytes: Array(source))
        let line = try scanner.requestLine()
        var fields: [Field] = []
        fields.reserveCapacity(16)
        while let field = try scanner.field() {
            guard fields.count < Self.maximumFields else { throw .headTooLarge }
            fields.append(field)
        }
        let framing = try MessageFraming(bytes: scanner.bytes, fields: fields, isHTTP11: line.isHTTP11)
        self.init(
            bytes: scanner.bytes, methodRange: line.method, pathRange: line.path, queryRange: line.query,
            fields: fields, framing: framing.framing, keepsAlive: framing.keepsAlive,
            expectsContinue: framing.expectsContinue)
    }

    /// Holds a trailer section, its empty line included, to the rules of header fields.
    static func checkTrailers(_ source: some Collection<UInt8>) throws(HTTPRefusal) {
        var scanner = HeadScanner(bytes: Array(source))
        var count = 0
        while try scanner.field() != nil {
            count += 1
            guard count <= maximumFields else { throw .headTooLarge }
        }
    }
}

/// Walks over a head line by line and lowers the case of field names on the way.
private struct HeadScanner {
    struct RequestLine {
        let method: Range<Int>
        let path: Range<Int>
        let query: Range<Int>?
        let isHTTP11: Bool
    }

    var bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func requestLine() throws(HTTPRefusal) -> RequestLine {
        let method = take(while: HTTPSyntax.isToken)
        guard !method.isEmpty, method.count <= 32, accept(HTTPSyntax.space) else { throw .malformed(.requestLine) }
        guard bytes[position] == UInt8(ascii: "/") else { throw .malformed(.target) }
        let target = take { HTTPSyntax.isGraphic($0) && $0 != UInt8(ascii: "#") }
        guard bytes[position] == HTTPSyntax.space else { throw .malformed(.target) }
        position += 1
        let version = take(while: HTTPSyntax.isGraphic)
        guard acceptLineEnd() else { throw .malformed(.requestLine) }
        let isHTTP11 = HTTPSyntax.isEqual(bytes[version], "HTTP/1.1")
        guard isHTTP11 || HTTPSyntax.isEqual(bytes[version], "HTTP/1.0") else {
            throw HTTPSyntax.isEqual(bytes[version].prefix(5), "HTTP/")
                ? .versionNotSupported : .malformed(.requestLine)
        }
        guard let mark = bytes[target].firstIndex(of: UInt8(ascii: "?")) else {
            return RequestLine(method: method, path: target, query: nil, isHTTP11: isHTTP11)
        }
        return RequestLine(
            method: method, path: target.lowerBound..<mark, query: mark + 1..<target.upperBound, isHTTP11: isHTTP11)
    }

    /// nil at the empty line.
    mutating func field() throws(HTTPRefusal) -> RequestHead.Field? {
        if acceptLineEnd() { return nil }
        if HTTPSyntax.isBlank(bytes[position]) { throw .malformed(.foldedField) }
        let name = take(while: HTTPSyntax.isToken)
        guard !name.isEmpty, accept(UInt8(ascii: ":")) else { throw .malformed(.fieldName) }
        for index in name { bytes[index] = HTTPSyntax.lowercased(bytes[index]) }
        let line = take(while: HTTPSyntax.isFieldValue)
        guard acceptLineEnd() else { throw .malformed(.fieldValue) }
        var value = line
        while let first = value.first, HTTPSyntax.isBlank(bytes[first]) { value = first + 1..<value.upperBound }
        while let last = value.last, HTTPSyntax.isBlank(bytes[last]) { value = value.lowerBound..<last }
        return RequestHead.Field(name: name, value: value)
    }

    /// Stops before the head's last byte at the latest, which is a line feed and in none of the classes.
    private mutating func take(while belongs: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < bytes.count - 1, belongs(bytes[position]) { position += 1 }
        return start..<position
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard bytes[position] == byte, position < bytes.count - 1 else { return false }
        position += 1
        return true
    }

    private mutating func acceptLineEnd() -> Bool {
        guard position + 1 < bytes.count, bytes[position] == HTTPSyntax.carriageReturn,
            bytes[position + 1] == HTTPSyntax.lineFeed
        else { return false }
        position = min(position + 2, bytes.count - 1)
        return true
    }
}
