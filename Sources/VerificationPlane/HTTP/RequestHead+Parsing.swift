extension RequestHead {
    /// Parses a head that ends in its empty line and in which every line ends in CR LF.
    package init(parsing bytes: ByteView, into room: borrowing FieldRoom) throws(HTTPRefusal) {
        var scanner = HeadScanner(bytes: bytes)
        let line = try scanner.requestLine()
        var count = 0
        var framing = MessageFraming(isHTTP11: line.isHTTP11)
        while let field = try scanner.field() {
            guard count < Self.maximumFields else { throw .headTooLarge }
            room.places.initializeElement(at: count, to: field)
            count += 1
            try framing.take(
                name: bytes.view(field.name), value: bytes.view(field.value),
                endsLine: bytes[field.value.upperBound] == HTTPSyntax.carriageReturn)
        }
        try framing.finish()
        self.init(
            bytes: bytes, line: line, fields: UnsafeBufferPointer(rebasing: room.places[..<count]),
            framing: framing.framing,
            keepsAlive: framing.keepsAlive, expectsContinue: framing.expectsContinue)
    }

    /// Holds a trailer section, its empty line included, to the rules of header fields.
    static func checkTrailers(_ bytes: ByteView) throws(HTTPRefusal) {
        var scanner = HeadScanner(bytes: bytes)
        var count = 0
        while let field = try scanner.field() {
            count += 1
            guard count <= maximumFields else { throw .headTooLarge }
            // What would say where the message ends has no place after it (RFC 9110, section 6.5.1).
            let name = bytes.view(field.name)
            for framing in ["content-length", "transfer-encoding"] as [StaticString]
            where HTTPSyntax.isEqualIgnoringCase(name, framing) {
                throw .malformed(.chunk)
            }
        }
    }
}

/// Walks over a head line by line.
private struct HeadScanner {
    let bytes: ByteView
    var position = 0

    init(bytes: ByteView) { self.bytes = bytes }

    mutating func requestLine() throws(HTTPRefusal) -> RequestLine {
        let method = take(while: HTTPSyntax.isToken)
        guard !method.isEmpty, method.count <= 32, accept(HTTPSyntax.space) else { throw .malformed(.requestLine) }
        guard bytes[position] == UInt8(ascii: "/") else { throw .malformed(.target) }
        let target = takeTarget()
        guard bytes[position] == HTTPSyntax.space else { throw .malformed(.target) }
        position += 1
        let version = bytes.view(take(while: HTTPSyntax.isGraphic))
        guard acceptLineEnd() else { throw .malformed(.requestLine) }
        let isHTTP11 = HTTPSyntax.isEqual(version, "HTTP/1.1")
        guard isHTTP11 || HTTPSyntax.isEqual(version, "HTTP/1.0") else {
            throw HTTPSyntax.isEqual(version.prefix(5), "HTTP/") ? .versionNotSupported : .malformed(.requestLine)
        }
        let mark = bytes.firstIndex(
            from: target.lowerBound, to: target.upperBound, { $0.isEqual(UInt8(ascii: "?")) },
            { $0 == UInt8(ascii: "?") })
        guard mark < target.upperBound else {
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
        let line = takeFieldValue()
        guard acceptLineEnd() else { throw .malformed(.fieldValue) }
        var value = line
        while let first = value.first, HTTPSyntax.isBlank(bytes[first]) { value = first + 1..<value.upperBound }
        while let last = value.last, HTTPSyntax.isBlank(bytes[last]) { value = value.lowerBound..<last }
        return RequestHead.Field(
            nameStart: UInt16(name.lowerBound), nameEnd: UInt16(name.upperBound),
            valueStart: UInt16(value.lowerBound), valueEnd: UInt16(value.upperBound))
    }

    /// Stops before the head's last byte at the latest, which is a line feed and in none of the classes.
    private mutating func take(while belongs: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < bytes.count - 1, belongs(bytes[position]) { position += 1 }
        return start..<position
    }

    private mutating func takeTarget() -> Range<Int> {
        let start = position
        position = bytes.firstIndex(
            from: start, to: bytes.count - 1,
            { $0.isBelow(0x21) | $0.isEqual(0x7f) | $0.isNotASCII | $0.isEqual(UInt8(ascii: "#")) },
            { !HTTPSyntax.isGraphic($0) || $0 == UInt8(ascii: "#") })
        return start..<position
    }

    private mutating func takeFieldValue() -> Range<Int> {
        let start = position
        position = bytes.firstIndex(
            from: start, to: bytes.count - 1, { $0.isBelow(0x20) | $0.isEqual(0x7f) },
            { !HTTPSyntax.isFieldValue($0) })
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
