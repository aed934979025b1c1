import Testing

@testable import KeybearerVerification

@Suite struct ForeseenKeyTests {
    /// A bench with this key in memory, and another whose permission is different.
    private static func bench() async throws -> Bench {
        let bench = try Bench()
        for key in [KeyFixture(), KeyFixture(number: 2, granted: ["billing:pay"])] {
            bench.source.put(try key.record())
            #expect(try await bench.verify(key).verdict == .valid)
        }
        return bench
    }

    private static func position(of text: [UInt8], in bytes: [UInt8]) throws -> Range<Int> {
        try #require(bytes.firstRange(of: text))
    }

    @Test func `a key is seen wherever it stands, and only whole and with its checksum`() throws {
        let key = try keyText(1)
        var wrong = key
        wrong[20] = wrong[20] == 0x30 ? 0x31 : 0x30
        let format = try format()
        func seen(_ bytes: [UInt8]) -> KeyDigest? { bytes.withUnsafeBufferPointer { format.foresee(in: $0)?.digest } }
        let digest = KeyDigest(ofText: key)
        let underscores = String(repeating: "_", count: 40)
        for before in ["", "Authorization: Bearer ", "{\"key\":\"", "s", "sk", "task_", "_", underscores, "\0\r\n"] {
            #expect(seen(Array(before.utf8) + key + [0x0d]) == (before == "task_" ? nil : digest), "\(before)")
        }
        for length in 0..<key.count { #expect(seen(Array(key[..<length])) == nil) }
        #expect(seen(wrong) == nil && seen([]) == nil && seen(Array("no key at all".utf8)) == nil)
        #expect(seen(Array((underscores + "s").utf8)) == nil)
        // The first that begins like one is looked at, and no other.
        #expect(seen(wrong + key) == nil)
    }

    @Test func `what was foreseen is decided as without it`() async throws {
        let bench = try await Self.bench()
        let texts = try [1, 2, 3].map { try keyText($0) } + [Array("nothing".utf8), []]
        var wanted: [Verdict] = [.valid, .insufficientPermissions, .notFound, .malformed, .missing]
        let request = AccessRequest(permission: try permission("project:deploy"))
        // The third is looked for once, so that memory knows that there is none.
        _ = await bench.verifier.verify(.text(texts[2]), request)
        for text in texts {
            text.withUnsafeBufferPointer { bytes in
                let keys = bench.verifier.foresee([bytes])
                let ahead = bench.verifier.verifyInMemory(text: bytes, request, foreseen: keys[0])
                let plain = bench.verifier.verifyInMemory(text: bytes, request)
                #expect(ahead?.verdict == wanted.removeFirst() && ahead?.verdict == plain?.verdict)
                #expect(ahead?.record === plain?.record)
            }
        }
    }

    @Test func `A41 a key that stands elsewhere in the same bytes decides nothing`() async throws {
        let bench = try await Self.bench()
        let (one, two) = (try keyText(1), try keyText(2))
        let bytes = Array("X-Note: ".utf8) + one + Array("\r\nAuthorization: Bearer ".utf8) + two
        let request = AccessRequest(permission: try permission("project:deploy"))
        let places = (try Self.position(of: one, in: bytes), try Self.position(of: two, in: bytes))
        bytes.withUnsafeBufferPointer { bytes in
            func verdict(_ range: Range<Int>) -> Verdict? {
                let foreseen = bench.verifier.foresee([bytes])[0]
                let text = UnsafeBufferPointer(rebasing: bytes[range])
                return bench.verifier.verifyInMemory(text: text, request, foreseen: foreseen)?.verdict
            }
            #expect(verdict(places.0) == .valid && verdict(places.1) == .insufficientPermissions)
            // A part of what was foreseen, or more, is another text.
            #expect(verdict(places.0.lowerBound..<places.0.upperBound - 1) == .malformed)
            #expect(verdict(places.0.lowerBound..<places.0.upperBound + 1) == .malformed)
        }
    }

    @Test func `H8 a key that is revoked between being foreseen and decided is revoked`() async throws {
        let bench = try await Self.bench()
        try keyText(1).withUnsafeBufferPointer { bytes in
            let foreseen = bench.verifier.foresee([bytes])[0]
            bench.cache.invalidate([Peppers.none.seal(try KeyFixture().digest())])
            // Memory cannot say, so the source is asked, which knows.
            #expect(bench.verifier.verifyInMemory(text: bytes, AccessRequest(), foreseen: foreseen) == nil)
        }
    }
}
