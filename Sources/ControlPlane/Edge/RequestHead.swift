/// A request's head, read strictly from its bytes (RFC 9112): whatever two readers could understand differently is
/// refused here, so that the parser behind sees only what has one meaning (rows A14 to A18).
struct RequestHead: Sendable, Equatable {
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    let method: [UInt8]
    let target: [UInt8]
    /// In the order in which they came, white space around values removed.
    let fields: [(name: [UInt8], value: [UInt8])]
    let framing: Framing
    let expectsContinue: Bool
    let closesConnection: Bool

    /// - Parameter bytes: up to and including the empty line.
    init(_ bytes: [UInt8], limits: EdgeLimits) throws(EdgeRefusal) {
        var lines = try Self.lines(bytes)[...]
        guard let first = lines.popFirst() else { throw .requestLine }
        let parts = first.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, (1...32).contains(parts[0].count), parts[0].allSatisfy(Self.isToken) else {
            throw .requestLine
        }
        let isOld = parts[2].elementsEqual("HTTP/1.0".utf8)
        guard isOld || parts[2].elementsEqual("HTTP/1.1".utf8) else {
            throw parts[2].starts(with: "HTTP/".utf8) ? .version : .requestLine
        }
        guard RequestTarget(parts[1]) != nil else { throw .target }
        guard lines.count <= limits.headFields else { throw .tooManyFields }
        var fields: [(name: [UInt8], value: [UInt8])] = []
        for line in lines { fields.append(try Self.field(line)) }
        method = Array(parts[0])
        target = Array(parts[1])
        self.fields = fields
        func values(_ name: String) -> [[UInt8]] {
            fields.filter { Self.isSame($0.name, name) }.map(\.value)
        }
        let hosts = values("host")
        guard hosts.count == 1 || (isOld && hosts.isEmpty) else { throw .host }
        framing = try Self.framing(
            lengths: values("content-length"), codings: values("transfer-encoding"), isOld: isOld)
        let expectations = values("expect")
        guard expectations.allSatisfy({ Self.isSame($0, "100-continue") }), expectations.count <= 1 else {
            throw .expectation
        }
        expectsContinue = !expectations.isEmpty && !isOld
        let options = values("connection").flatMap { $0.split(separator: UInt8(ascii: ",")) }.map(Self.trimmed)
        let keepsAlive = options.contains { Self.isSame($0, "keep-alive") }
        closesConnection = options.contains { Self.isSame($0, "close") } || (isOld && !keepsAlive)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.method == right.method && left.target == right.target && left.framing == right.framing
            && left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    /// The same request in the one form that is passed on: framed by its length, without fields that are about the
    /// connection.
    func canonical(bodyLength: Int) -> [UInt8] {
        var output = method + " ".utf8 + target + " HTTP/1.1\r\n".utf8
        for field in fields where !Self.perConnection.contains(where: { Self.isSame(field.name, $0) }) {
            output += field.name + ": ".utf8 + field.value + "\r\n".utf8
        }
        if !fields.contains(where: { Self.isSame($0.name, "host") }) { output += "host: localhost\r\n".utf8 }
        output += "content-length: \(bodyLength)\r\n".utf8
        if closesConnection { output += "connection: close\r\n".utf8 }
        return output + "\r\n".utf8
    }

    private static let perConnection = [
        "connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer", "expect", "transfer-encoding",
        "content-length", "http2-settings",
    ]

    private static func lines(_ bytes: [UInt8]) throws(EdgeRefusal) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\r") {
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") else { throw .bareLineFeed }
            }
            guard byte == UInt8(ascii: "\n") else { continue }
            guard index > start, bytes[index - 1] == UInt8(ascii: "\r") else { throw .bareLineFeed }
            lines.append(bytes[start..<(index - 1)])
            start = index + 1
        }
        guard lines.last?.isEmpty == true else { throw .requestLine }
        return Array(lines.dropLast())
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(EdgeRefusal) -> (name: [UInt8], value: [UInt8]) {
        if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") { throw .foldedField }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy(isToken)
        else { throw .fieldName }
        let value = trimmed(line[(colon + 1)...])
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t") }) else { throw .fieldValue }
        return (Array(line[..<colon]), Array(value))
    }

    private static func framing(
        lengths: [[UInt8]], codings: [[UInt8]], isOld: Bool
    ) throws(EdgeRefusal) -> Framing {
        guard lengths.isEmpty || codings.isEmpty else { throw .bothFramings }
        if !codings.isEmpty {
            guard codings.count == 1, isSame(codings[0], "chunked"), !isOld else { throw .transferCoding }
            return .chunked
        }
        guard let text = lengths.first else { return .length(0) }
        guard lengths.count == 1, (1...18).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(String(decoding: text, as: UTF8.self))
        else { throw .contentLength }
        return .length(length)
    }

    /// `text` is in lower case.
    static func isSame(_ bytes: some Collection<UInt8>, _ text: String) -> Bool {
        bytes.lazy.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }.elementsEqual(text.utf8)
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return bytes
    }

    /// `tchar` of RFC 9110, section 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
