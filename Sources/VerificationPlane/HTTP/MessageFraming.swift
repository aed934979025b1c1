/// What the fields say of the message as a whole: where its body ends, and what follows it.
///
/// Every disagreement that RFC 9112, section 6.3, leaves to the recipient is refused: two readers of one message must
/// not be able to see two messages (A17).
struct MessageFraming {
    static let maximumBodyBytes = 65_536

    private(set) var framing: RequestHead.Framing = .length(0)
    private(set) var keepsAlive: Bool
    private(set) var expectsContinue = false

    private var hosts = 0
    private var lengths = 0
    private var codings = 0

    private let isHTTP11: Bool

    init(isHTTP11: Bool) {
        keepsAlive = isHTTP11
        self.isHTTP11 = isHTTP11
    }

    /// One field, in the order of the head.
    ///
    /// - Parameter endsLine: false for a value with white space after it. What frames the message must have none, since
    ///   readers disagree on which they take there.
    mutating func take(name: ByteView, value: ByteView, endsLine: Bool) throws(HTTPRefusal) {
        switch name.count {
        case 4 where HTTPSyntax.isEqualIgnoringCase(name, "host"): try host(value)
        case 6 where HTTPSyntax.isEqualIgnoringCase(name, "expect"): try expect(value)
        case 10 where HTTPSyntax.isEqualIgnoringCase(name, "connection"): connection(value)
        case 14 where HTTPSyntax.isEqualIgnoringCase(name, "content-length"):
            guard endsLine else { throw .malformed(.contentLength) }
            try contentLength(value)
        case 17 where HTTPSyntax.isEqualIgnoringCase(name, "transfer-encoding"):
            guard endsLine else { throw .malformed(.transferEncoding) }
            try transferEncoding(value)
        default: break
        }
    }

    /// What only all the fields together say.
    func finish() throws(HTTPRefusal) {
        if isHTTP11, hosts == 0 { throw .malformed(.host) }
        if lengths + codings > 1 { throw .malformed(codings > 0 ? .transferEncoding : .contentLength) }
        if case .length(let length) = framing, length > Self.maximumBodyBytes { throw .bodyTooLarge }
    }

    private mutating func host(_ value: ByteView) throws(HTTPRefusal) {
        hosts += 1
        let isAllowed = value.allSatisfy { HTTPSyntax.isGraphic($0) && $0 != UInt8(ascii: ",") }
        guard hosts == 1, isAllowed else { throw .malformed(.host) }
    }

    private mutating func expect(_ value: ByteView) throws(HTTPRefusal) {
        guard HTTPSyntax.isEqualIgnoringCase(value, "100-continue") else { throw .expectationFailed }
        expectsContinue = isHTTP11
    }

    private mutating func connection(_ value: ByteView) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let name = option.drop(while: HTTPSyntax.isBlank)
            let end = name.lastIndex { !HTTPSyntax.isBlank($0) }.map { $0 + 1 } ?? name.startIndex
            if HTTPSyntax.isEqualIgnoringCase(name[..<end], "close") { keepsAlive = false }
        }
    }

    private mutating func contentLength(_ value: ByteView) throws(HTTPRefusal) {
        lengths += 1
        guard let first = value.first, value.allSatisfy({ (0x30...0x39).contains($0) }),
            first != UInt8(ascii: "0") || value.count == 1
        else { throw .malformed(.contentLength) }
        guard value.count <= 9 else {
            framing = .length(.max)
            return
        }
        framing = .length(value.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }

    private mutating func transferEncoding(_ value: ByteView) throws(HTTPRefusal) {
        codings += 1
        guard isHTTP11, HTTPSyntax.isEqualIgnoringCase(value, "chunked") else { throw .malformed(.transferEncoding) }
        framing = .chunked
    }
}
