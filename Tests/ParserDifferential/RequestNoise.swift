/// Requests as gateways send them, one to three on a connection, and then broken: bytes changed, pieces of other
/// requests put in or taken out.
package struct RequestNoise {
    private var random: SplitMix64

    package init(seed: UInt64) { random = SplitMix64(state: seed) }

    package static let methods = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]
    private static let targets = [
        "/", "/v1/authorize", "/v1/authorize?permission=project/p1:deploy", "/v1/verify", "/a%20b?x=%zz&y", "*",
        "http://h/x", "/v1/introspect", "//", "/?", "/a#b",
    ]
    private static let fields = [
        "Host: a", "Host: keys.example:8081", "Authorization: Bearer sk_0123", "X-API-Key: sk_1", "Accept: */*",
        "Content-Type: application/json", "Connection: close", "Connection: keep-alive", "X-Forwarded-For: 203.0.113.9",
        "X-Empty:", "X-Space:   a b \t", "Expect: 100-continue", "User-Agent: curl/8", "X-Tab:\ta",
    ]
    private static let splinters = [
        "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", "\0", "\u{b}", ",", ";", "?", "\u{80}", "Content-Length: 5\r\n",
        "Content-Length: 0\r\n", "Content-Length: +2\r\n", "Content-Length: 2, 2\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "0\r\n\r\n", "5\r\nhello\r\n", "a;x=y\r\n", "00000005\r\n", "0x5\r\n", " folded\r\n", "HTTP/1.1", "HTTP/1.0",
        "HTTP/2.0", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Host: b\r\n",
    ]

    /// One input in the pieces that it arrives in.
    package mutating func pieces() -> [[UInt8]] {
        var bytes = (0..<Int.random(in: 1...3, using: &random)).flatMap { _ in request() }
        for _ in 0..<(chance(3) ? 0 : Int.random(in: 1...3, using: &random)) { damage(&bytes) }
        var pieces: [[UInt8]] = []
        while !bytes.isEmpty {
            let count = chance(2) ? bytes.count : Int.random(in: 1...bytes.count, using: &random)
            pieces.append(Array(bytes.prefix(count)))
            bytes.removeFirst(count)
        }
        return pieces
    }

    private mutating func request() -> [UInt8] {
        let method = one(of: Self.methods)
        let version = chance(8) ? "1.0" : "1.1"
        var text = "\(method) \(one(of: Self.targets)) HTTP/\(version)\r\nHost: a\r\n"
        for _ in 0..<Int.random(in: 0...4, using: &random) { text += one(of: Self.fields.dropFirst(2)) + "\r\n" }
        let body = String(repeating: "{}", count: Int.random(in: 0...40, using: &random))
        switch Int.random(in: 0...3, using: &random) {
        case 0: text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        case 1: text += "Transfer-Encoding: chunked\r\n\r\n" + chunked(body)
        default: text += "\r\n"
        }
        return Array(text.utf8)
    }

    private mutating func chunked(_ body: String) -> String {
        var rest = Substring(body)
        var text = ""
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...rest.count, using: &random))
            rest = rest.dropFirst(part.count)
            let size = String(part.utf8.count, radix: 16)
            text += (chance(4) ? size.uppercased() : size) + "\r\n\(part)\r\n"
        }
        return text + "0\r\n" + (chance(6) ? "X-Trailer: a\r\n" : "") + "\r\n"
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let position = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(position..<min(bytes.count, position + Int.random(in: 1...4, using: &random)))
        default: bytes.insert(contentsOf: Array(one(of: Self.splinters).utf8), at: position)
        }
    }

    private mutating func one(of texts: some Collection<String>) -> String { texts.randomElement(using: &random) ?? "" }

    private mutating func chance(_ outOf: Int) -> Bool { Int.random(in: 0..<outOf, using: &random) == 0 }
}

/// Steele, Lea and Flood (2014): the same seed draws the same numbers, so that a failure can be replayed.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
