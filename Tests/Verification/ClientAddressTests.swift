import KeybearerVerification
import Testing

@Suite struct ClientAddressTests {
    private func proxies() throws -> TrustedProxies {
        TrustedProxies(try ["10.0.0.0/8", "::1"].map { try #require(CIDRBlock($0)) })
    }

    private func client(_ peer: String?, _ values: String...) throws -> String? {
        try proxies().clientAddress(peer: peer.map(address), forwardedFor: values.map { Array($0.utf8) })?.description
    }

    @Test func `A11 an untrusted peer is the client whatever it claims`() throws {
        #expect(try client("203.0.113.9", "198.51.100.1") == "203.0.113.9")
        #expect(try client("203.0.113.9", "not an address") == "203.0.113.9")
        #expect(try client("203.0.113.9") == "203.0.113.9")
    }

    @Test func `A11 the list is walked from the right, past trusted hops, to the first that is not`() throws {
        #expect(try client("10.0.0.1", "1.1.1.1, 203.0.113.9") == "203.0.113.9")
        #expect(try client("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2") == "203.0.113.9")
        #expect(try client("10.0.0.1", "1.1.1.1", "203.0.113.9", "10.0.0.2 ,\t10.0.0.3") == "203.0.113.9")
        #expect(try client("::ffff:10.0.0.1", "::ffff:203.0.113.9") == "203.0.113.9")
    }

    @Test func `A11 where all hops are trusted the leftmost is the client`() throws {
        #expect(try client("10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3")
        #expect(try client("10.0.0.1") == "10.0.0.1")
    }

    @Test func `A11 the other end of a Unix socket counts as trusted`() throws {
        #expect(try client(nil, "203.0.113.9") == "203.0.113.9")
        #expect(try client(nil) == nil)
    }

    @Test(arguments: [
        "", " ", ",", "203.0.113.9,", ",203.0.113.9", "203.0.113.9,,10.0.0.2", "unknown", "_hidden", "1.1.1.1:80",
        "[::1]", "\"1.1.1.1\"", "1.1.1.1 2.2.2.2", "fe80::1%eth0", "1.1.1.1;", "01.1.1.1", "1.1.1.1\0", "\u{a0}1.1.1.1",
    ])
    func `A11 an entry that is no address spoils the whole list`(bad: String) throws {
        #expect(throws: ForwardedForError.self) { try client("10.0.0.1", bad) }
        #expect(throws: ForwardedForError.self) { try client("10.0.0.1", bad, "203.0.113.9") }
        #expect(throws: ForwardedForError.self) { try client(nil, "203.0.113.9", bad) }
    }

    @Test func `A11 the error counts entries over all lines`() throws {
        #expect(throws: ForwardedForError.unparsableEntry(index: 2)) { try client("10.0.0.1", "1.1.1.1, 2.2.2.2", "x") }
    }

    @Test func `A11 a client cannot move itself by what it prepends, for random chains`() throws {
        var random = SeededRandom(seed: 11)
        let trusted = ["10.0.0.2", "10.9.9.9", "::1"]
        for _ in 0..<2_000 {
            let forged = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                Bool.random(using: &random) ? "10.0.0.7" : "198.51.100.\(UInt8.random(in: 0...255, using: &random))"
            }
            let behind = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                trusted.randomElement(using: &random)
            }
            let list = (forged + ["203.0.113.9"] + behind).joined(separator: ", ")
            #expect(try client("10.0.0.1", list) == "203.0.113.9")
        }
    }
}
