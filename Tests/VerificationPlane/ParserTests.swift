import Testing

@testable import KeybearerVerificationPlane

/// A request that outlives the bytes it was read from.
struct ParsedRequest {
    struct Head {
        let path: [UInt8]
        let query: [UInt8]?
        let named: [[UInt8]]
    }

    let head: Head
    let body: [UInt8]

    init(_ head: borrowing RequestHead, _ body: some Sequence<UInt8>) {
        self.head = Head(
            path: Array(head.path), query: head.query.map { Array($0) }, named: head.values("x-name").map { Array($0) })
        self.body = Array(body)
    }
}

/// What the parser makes of the bytes when they come at once.
func parse(_ text: String) -> Result<[ParsedRequest], HTTPRefusal> { parse([Array(text.utf8)]) }

func parse(_ pieces: [[UInt8]]) -> Result<[ParsedRequest], HTTPRefusal> {
    var parser = HTTPRequestParser()
    var input: [UInt8] = []
    var requests: [ParsedRequest] = []
    for piece in pieces {
        input += piece
        var position = 0
        do throws(HTTPRefusal) {
            while let request = try parser.request(in: input, at: &position) { requests.append(request) }
        } catch {
            return .failure(error)
        }
        input.removeFirst(position)
    }
    return .success(requests)
}

extension HTTPRequestParser {
    mutating func request(in input: [UInt8], at position: inout Int) throws(HTTPRefusal) -> ParsedRequest? {
        let room = FieldRoom()
        let result = input.withUnsafeBufferPointer { bytes in
            Result<ParsedRequest?, HTTPRefusal> { () throws(HTTPRefusal) in
                switch try self.next(bytes, at: &position, fields: room) {
                case .incomplete: nil
                case .inPlace(let head, body: let body): ParsedRequest(head, body)
                case .gathered:
                    try gathered.head.withUnsafeBufferPointer { head throws(HTTPRefusal) in
                        ParsedRequest(try RequestHead(parsing: head, into: room), gathered.body)
                    }
                }
            }
        }
        return try result.get()
    }
}

func refusal(_ text: String) -> HTTPRefusal? {
    guard case .failure(let refusal) = parse(text) else { return nil }
    return refusal
}

struct ParserTests {
    static let chunked = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func `a request arrives whole, and the next one after it`() throws {
        let text = "POST /v1/verify?a=b HTTP/1.1\r\nHost: a\r\nX-Name:  some value \t\r\nContent-Length: 2\r\n\r\n{}"
        let requests = try parse(text + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").get()
        try #require(requests.count == 2)
        #expect(String(decoding: requests[0].head.path, as: UTF8.self) == "/v1/verify")
        #expect(requests[0].head.query.map { String(decoding: $0, as: UTF8.self) } == "a=b")
        #expect(requests[0].head.named.map { String(decoding: $0, as: UTF8.self) } == ["some value"])
        #expect(requests[0].body == Array("{}".utf8))
        #expect(String(decoding: requests[1].head.path, as: UTF8.self) == "/healthz")
    }

    @Test func `A17 reads are split anywhere and nothing changes`() throws {
        let bytes = Array(
            (Self.chunked + "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"
                + "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").utf8)
        for cut in 0...bytes.count {
            let requests = try parse([Array(bytes[..<cut]), Array(bytes[cut...])]).get()
            #expect(requests.map(\.body) == [Array("hello".utf8), Array("abc".utf8)], "cut at \(cut)")
        }
        let single = try parse(bytes.map { [$0] }).get()
        #expect(single.map(\.body) == [Array("hello".utf8), Array("abc".utf8)])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\tfolded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7f}b\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nX\n\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
    ])
    func `A17 a malformed head is refused`(text: String) {
        guard case .malformed = refusal(text) else {
            Issue.record("accepted")
            return
        }
    }

    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 5",
        "Content-Length: +5", "Content-Length: -5", "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length:",
        "Content-Length: 05", "Content-Length: 5.0", "Content-Length: 5;", "Content-Length : 5", "Content-Length: ٥",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding:", "Transfer-Encoding: chunked,", "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: \u{b}chunked", "Transfer-Encoding:\u{0}chunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "X: a\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "X: a\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\n chunked", "Transfer-Encoding: chu\u{0}nked",
    ])
    func `A17 a message with two possible ends is refused`(fields: String) {
        let body = "5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        guard case .malformed = refusal("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)") else {
            Issue.record("accepted")
            return
        }
    }

    @Test(arguments: [
        "5;x=y\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n",
        "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
        "\r\nhello", "5\r\nhello\r\n\r\n", "g\r\n", "0000005\r\nhello\r\n0\r\n\r\n", "0\r\nX : y\r\n\r\n",
        "0\r\n X\r\n\r\n", "0\r\nX\r\n\r\n", "-1\r\n",
    ])
    func `A17 a malformed chunk is refused`(body: String) {
        guard case .malformed = refusal(Self.chunked + body) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `A17 chunked in any case is understood on HTTP 1.1 only`() throws {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-encoding:\tChunKED\r\n\r\n"
        #expect(try parse(head + "A\r\n0123456789\r\n0\r\n\r\n").get().first?.body == Array("0123456789".utf8))
        #expect(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == .malformed(.transferEncoding))
    }

    @Test(arguments: [" ", "\t", " \t"])
    func `A17 no white space follows what frames a message, since readers differ on it`(space: String) {
        let line = "POST / HTTP/1.1\r\nHost: a\r\n"
        #expect(refusal(line + "Content-Length: 0\(space)\r\n\r\n") == .malformed(.contentLength))
        #expect(refusal(line + "Transfer-Encoding: chunked\(space)\r\n\r\n") == .malformed(.transferEncoding))
    }

    @Test func `A17 a trailer does not say where its message ends`() {
        let request = Self.chunked + "0\r\nContent-Length: 5\r\n\r\n"
        #expect(refusal(request) == .malformed(.chunk))
        #expect(refusal(Self.chunked + "0\r\nX-Sum: 5\r\n\r\n") == nil)
    }

    @Test func `A18 heads of 16 KiB and of 64 fields are the largest`() throws {
        let line = "GET / HTTP/1.1\r\nHost: a\r\n"
        let filler = HTTPRequestParser.maximumHeadBytes - line.utf8.count - "X: \r\n\r\n".utf8.count
        let fits = line + "X: " + String(repeating: "a", count: filler) + "\r\n\r\n"
        #expect(try parse(fits).get().count == 1)
        #expect(refusal(line + "X: " + String(repeating: "a", count: filler + 1) + "\r\n\r\n") == .headTooLarge)
        #expect(refusal(String(repeating: "a", count: 20_000)) == .headTooLarge)
        #expect(try parse(line + String(repeating: "a: b\r\n", count: 63) + "\r\n").get().count == 1)
        #expect(refusal(line + String(repeating: "a: b\r\n", count: 64) + "\r\n") == .headTooLarge)
    }

    @Test func `A18 bodies of 64 KiB are the largest`() throws {
        let size = MessageFraming.maximumBodyBytes
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        #expect(
            try parse(head + "\(size)\r\n\r\n" + String(repeating: "a", count: size)).get().first?.body.count == size)
        #expect(refusal(head + "\(size + 1)\r\n\r\n") == .bodyTooLarge)
        #expect(refusal(head + "99999999999999999999999999\r\n\r\n") == .bodyTooLarge)
        let chunk = "8000\r\n" + String(repeating: "a", count: 0x8000) + "\r\n"
        #expect(try parse(Self.chunked + chunk + chunk + "0\r\n\r\n").get().first?.body.count == size)
        #expect(refusal(Self.chunked + chunk + chunk + "1\r\n") == .bodyTooLarge)
        #expect(refusal(Self.chunked + "FFFFFF\r\n") == .bodyTooLarge)
    }

    @Test func `other versions are refused by name`() {
        for version in ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/1.10", "HTTP/11"] {
            #expect(refusal("GET / \(version)\r\nHost: a\r\n\r\n") == .versionNotSupported)
        }
    }

    @Test func `after a refusal nothing more is read`() {
        var parser = HTTPRequestParser()
        var position = 0
        #expect(throws: HTTPRefusal.malformed(.bareLineFeed)) {
            try parser.request(in: Array("bad\n".utf8), at: &position)
        }
        #expect(throws: HTTPRefusal.malformed(.bareLineFeed)) {
            try parser.request(in: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), at: &position)
        }
    }

    @Test func `A17 random bytes never make it fail, and cuts never change what it says`() {
        var random = SystemRandomNumberGenerator()
        var source = RequestIDs(using: &random)
        let words = [
            "GET ", "POST ", "/", " HTTP/1.1", "\r\n", "\n", "\r", "Host: a", "Content-Length: 3", ":", " ", "chunked",
            "Transfer-Encoding: ", "0", "5", "abc", "\r\n\r\n", "\u{0}", ";", "Expect: 100-continue",
        ]
        for _ in 0..<20_000 {
            var text = ""
            var draw = source.next().low
            for _ in 0..<12 {
                text += words[Int(draw % UInt64(words.count))]
                draw /= UInt64(words.count)
            }
            let bytes = Array(text.utf8)
            let whole = parse([bytes])
            let split = parse(bytes.map { [$0] })
            switch (whole, split) {
            case (.success(let left), .success(let right)):
                #expect(left.map(\.body) == right.map(\.body), "\(text.debugDescription)")
            case (.failure, .failure): break
            default: Issue.record("\(text.debugDescription)")
            }
        }
    }
}
