/// A request's head, read strictly from its bytes (RFC 9112): whatever two readers could understand differently is
/// refused here, so that the parser behind sees only what has one meaning (rows A14 to A18).
struct RequestHead: Sendable {
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    let method: String
    let target: RequestTarget
    /// White space around values removed.
    let fields: FieldValues
    let framing: Framing
    let expectsContinue: Bool
    let closesConnection: Bool

    /// - Parameter bytes: up to and including the empty line.
    init(_ bytes: [UInt8], limits: EdgeLimits) throws(EdgeRefusal) {
        let lines = try Self.lines(bytes)
        guard let first = lines.first else { throw .requestLine }
        let parts = bytes[first].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, (1...32).contains(parts[0].count), parts[0].allSatisfy(Self.isToken) else {
            throw .requestLine
        }
        let isOld = parts[2].elementsEqual("HTTP/1.0".utf8)
        guard isOld || parts[2].elementsEqual("HTTP/1.1".utf8) else {
            throw parts[2].starts(with: "HTTP/".utf8) ? .version : .requestLine
        }
        guard let target = RequestTarget(parts[1]) else { throw .target }
        guard lines.count - 1 <= limits.headFields else { throw .tooManyFields }
        var list: [FieldValues.Field] = []
        list.reserveCapacity(lines.count - 1)
        for line in lines.dropFirst() { list.append(try Self.field(bytes[line])) }
        let fields = FieldValues(list)
        method = String(decoding: parts[0], as: UTF8.self)
        self.target = target
        self.fields = fields
        let hosts = fields["host"]
        guard hosts.count == 1 || (isOld && hosts.isEmpty) else { throw .host }
        framing = try Self.framing(
            lengths: fields["content-length"], codings: fields["transfer-encoding"], isOld: isOld)
        let expectations = fields["expect"]
        guard expectations.allSatisfy({ Self.isSame($0, "100-continue") }), expectations.count <= 1 else {
            throw .expectation
        }
        expectsContinue = !expectations.isEmpty && !isOld
        let options = fields["connection"].flatMap { $0.utf8.split(separator: UInt8(ascii: ",")) }.map {
            Self.trimmed(Array($0)[...])
        }
        let keepsAlive = options.contains { Self.isSame(String(decoding: $0, as: UTF8.self), "keep-alive") }
        closesConnection =
            options.contains { Self.isSame(String(decoding: $0, as: UTF8.self), "close") } || (isOld && !keepsAlive)
    }

    /// The same request in the one form that is passed on: framed by its length, without fields that are about the
    /// connection.
    func canonical(bodyLength: Int) -> [UInt8] {
        var output = Array("\(method) \(target) HTTP/1.1\r\n".utf8)
        for field in fields.list where !Self.perConnection.contains(field.name) {
            output += "\(field.name): \(field.value)\r\n".utf8
        }
        if fields["host"].isEmpty { output += "host: localhost\r\n".utf8 }
        output += "content-length: \(bodyLength)\r\n".utf8
        if closesConnection { output += "connection: close\r\n".utf8 }
        return output + "\r\n".utf8
    }

    private static let perConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer", "expect", "transfer-encoding",
        "content-length", "http2-settings",
    ]

    /// Where the lines before the empty one stand, without their ends.
    private static func lines(_ bytes: [UInt8]) throws(EdgeRefusal) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        lines.reserveCapacity(24)
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\r") {
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") else { throw .bareLineFeed }
            }
            guard byte == UInt8(ascii: "\n") else { continue }
            guard index > start, bytes[index - 1] == UInt8(ascii: "\r") else { throw .bareLineFeed }
            lines.append(start..<(index - 1))
            start = index + 1
        }
        guard lines.last?.isEmpty == true else { throw .requestLine }
        lines.removeLast()
        return lines
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(EdgeRefusal) -> FieldValues.Field {
        if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") { throw .foldedField }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(isToken)
        else { throw .fieldName }
        let value = trimmed(line[(colon + 1)...])
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t") }) else { throw .fieldValue }
        return FieldValues.Field(name: line[..<colon], value: String(decoding: value, as: UTF8.self))
    }

    private static func framing(
        lengths: [String], codings: [String], isOld: Bool
    ) throws(EdgeRefusal) -> Framing {
        guard lengths.isEmpty || codings.isEmpty else { throw .bothFramings }
        if !codings.isEmpty {
            guard codings.count == 1, isSame(codings[0], "chunked"), !isOld else { throw .transferCoding }
            return .chunked
        }
        guard let text = lengths.first else { return .length(0) }
        guard lengths.count == 1, (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text)
        else { throw .contentLength }
        return .length(length)
    }

    /// - Parameter lowercase: in lower case.
    private static func isSame(_ text: String, _ lowercase: String) -> Bool {
        text.utf8.count == lowercase.utf8.count
            && zip(text.utf8, lowercase.utf8).allSatisfy { ((0x41...0x5a).contains($0) ? $0 + 0x20 : $0) == $1 }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }

    /// `tchar` of RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
        default: "!#$%&'*+.^_`|~".utf8.contains(byte)
        }
    }
}
