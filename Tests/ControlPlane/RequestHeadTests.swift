import Testing

@testable import KeybearerControlPlane

@Suite struct `A request's head` {
    private static func head(_ text: String) throws(EdgeRefusal) -> RequestHead {
        try RequestHead(Array(text.replacing("\n", with: "\r\n").utf8), limits: EdgeLimits())
    }

    @Test func `A17 what is passed on has one framing and no field about the connection`() throws {
        let head = try Self.head(
            "POST /v1/x HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nConnection: close, x\nUpgrade: h2c\nX-Y:  z \n\n"
        )
        #expect(head.framing == .chunked)
        #expect(
            String(decoding: head.canonical(bodyLength: 3), as: UTF8.self)
                == "POST /v1/x HTTP/1.1\r\nhost: a\r\nx-y: z\r\ncontent-length: 3\r\nconnection: close\r\n\r\n")
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1\nHost: a\n\n", EdgeRefusal.requestLine), ("GET / HTTP/1.1 \nHost: a\n\n", .requestLine),
        ("GET /\nHost: a\n\n", .requestLine), (" GET / HTTP/1.1\nHost: a\n\n", .requestLine),
        ("G(T / HTTP/1.1\nHost: a\n\n", .requestLine), ("GET / HTTP/2.0\nHost: a\n\n", .version),
        ("GET / HTTP/1.2\nHost: a\n\n", .version), ("GET / http/1.1\nHost: a\n\n", .requestLine),
        ("GET http://a/ HTTP/1.1\nHost: a\n\n", .target), ("GET * HTTP/1.1\nHost: a\n\n", .target),
        ("GET / HTTP/1.1\n\n", .host), ("GET / HTTP/1.1\nHost: a\nHost: a\n\n", .host),
        ("GET / HTTP/1.1\nHost : a\n\n", .fieldName), ("GET / HTTP/1.1\nHost: a\n: b\n\n", .fieldName),
        ("GET / HTTP/1.1\nHost: a\nX\n\n", .fieldName), ("GET / HTTP/1.1\nHost: a\nX: b\n c\n\n", .foldedField),
        ("GET / HTTP/1.1\nHost: a\nX: b\u{0}c\n\n", .fieldValue),
        ("GET / HTTP/1.1\nHost: a\nX: b\u{1}\n\n", .fieldValue),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n\n", .bothFramings),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 1\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: 1, 1\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: 0x1\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length:\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999\n\n", .contentLength),
        ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n", .transferCoding),
        ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n", .transferCoding),
        ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n", .transferCoding),
        ("POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n", .transferCoding),
        ("POST / HTTP/1.1\nHost: a\nExpect: 200-ok\n\n", .expectation),
    ])
    func `A15 A17 what two readers could read differently is refused`(text: String, refusal: EdgeRefusal) {
        #expect(throws: refusal) { try Self.head(text) }
    }

    @Test func `A17 a carriage return or a line feed alone ends nothing`() {
        for text in ["GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\rb: c\r\n\r\n"] {
            #expect(throws: EdgeRefusal.bareLineFeed) { try RequestHead(Array(text.utf8), limits: EdgeLimits()) }
        }
    }

    @Test func `A18 more than 64 fields are refused`() throws {
        let fields = (0..<63).map { "X-\($0): y\n" }.joined()
        _ = try Self.head("GET / HTTP/1.1\nHost: a\n\(fields)\n")
        #expect(throws: EdgeRefusal.tooManyFields) { try Self.head("GET / HTTP/1.1\nHost: a\n\(fields)X: y\n\n") }
    }

    @Test(arguments: [
        "/v1%2fme", "/v1%2Fme", "/v1%5cme", "/v1/me%00", "//v1/me", "/v1//me", "/v1/./me", "/v1/../v1/me",
        "/v1/%2e%2e/me",
        "/v1/.%2e/me", "/v1/me;x=1", "/v1/me%3bx", "/v1/me\\", "/v1/me#x", "/v1/m\u{e9}", "/v1/m%c3%a9", "/v1/me%",
        "/v1/me%2", "/v1/me%zz", "/v1/me%0a", "/v1/me%20", "v1/me", "",
    ])
    func `A16 a path that can be read as another is refused`(path: String) {
        #expect(RequestTarget(path.utf8) == nil)
    }

    @Test func `A16 other paths are decoded once`() {
        #expect(RequestTarget("/".utf8)?.segments == [])
        func segments(_ target: String) -> [String]? { RequestTarget(target.utf8)?.segments.map(\.decoded) }
        #expect(segments("/v1/me?a=//%2f") == ["v1", "me"])
        #expect(RequestTarget("/v1/me?a=//%2f".utf8)?.query == "a=//%2f")
        #expect(segments("/u/ana%40tern.example") == ["u", "ana@tern.example"])
        #expect(segments("/u/a%2540b") == ["u", "a%40b"])
        #expect(segments("/v1/me/") == ["v1", "me", ""])
    }
}

@Suite struct `A request's body` {
    /// Feeds the bytes one at a time.
    private static func collect(_ text: String, _ framing: RequestHead.Framing, limit: Int = 20) throws -> (
        String, String
    )? {
        var collector = try BodyCollector(framing, limit: limit)
        var fed: [UInt8] = []
        var rest = Array(text.utf8)
        while !collector.isComplete {
            guard !rest.isEmpty else { return nil }
            fed.append(rest.removeFirst())
            var slice = fed[...]
            try collector.take(from: &slice)
            fed = Array(slice)
        }
        return (String(decoding: collector.body, as: UTF8.self), String(decoding: fed + rest, as: UTF8.self))
    }

    @Test func `A17 it ends where its framing says, whatever the pieces`() throws {
        #expect(try Self.collect("abcdef", .length(3)) ?? ("", "") == ("abc", "def"))
        #expect(try Self.collect("abc", .length(4)) == nil)
        #expect(
            try Self.collect("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET", .chunked) ?? ("", "") == (
                "abc0123456789", "GET"
            ))
        #expect(try Self.collect("0\r\n\r\n", .chunked) ?? ("x", "") == ("", ""))
    }

    @Test(arguments: [
        "3\nabc\r\n", "3;x=y\r\nabc\r\n", "3 \r\nabc\r\n", "+3\r\nabc\r\n", "0x3\r\nabc\r\n", "g\r\n", "\r\n",
        "3\r\nabcd\r\n", "3\r\nabc\n", "0\r\nX: y\r\n\r\n", "111111111\r\n", "-1\r\n",
    ])
    func `A17 malformed chunks are refused`(text: String) {
        #expect(throws: EdgeRefusal.chunk) { try Self.collect(text, .chunked) }
    }

    @Test func `A18 it is bounded however it is framed`() {
        #expect(throws: EdgeRefusal.bodyTooLarge) { try Self.collect("", .length(21)) }
        #expect(throws: EdgeRefusal.bodyTooLarge) { try Self.collect("a\r\n0123456789\r\nb\r\n", .chunked) }
        #expect(throws: EdgeRefusal.bodyTooLarge) { try Self.collect("ffffffff\r\n", .chunked) }
    }
}
