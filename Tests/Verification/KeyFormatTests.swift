import Testing

@testable import KeybearerVerification

@Suite struct KeyFormatTests {
    @Test(arguments: [
        ("", 0), ("a", 0xe8b7_be43), ("123456789", 0xcbf4_3926),
        ("The quick brown fox jumps over the lazy dog", 0x414f_a339 as UInt32),
    ])
    func `H5 the checksum is the CRC-32 of zlib and PNG`(text: String, expected: UInt32) {
        var checksum = CRC32()
        checksum.update(Array(text.utf8))
        #expect(checksum.value == expected)
        #expect(referenceChecksum(text.utf8) == expected)
    }

    @Test func `H5 a key is sk_ and 64 lower-case hex digits that end in the checksum`() throws {
        let text = try format().text(secret: Array(repeating: 0, count: 28))
        let lead = "sk_" + String(repeating: "0", count: 56)
        let checksum = String(referenceChecksum(lead.utf8), radix: 16)
        let expected = lead + String(repeating: "0", count: 8 - checksum.count) + checksum
        #expect(String(decoding: text, as: UTF8.self) == expected)
        #expect(checksum == "c5482def")
        #expect(text.count == 67)
        #expect(try format().accepts(text))
    }

    @Test(arguments: ["sk", "a1_b2_c3_d4_e", "a1_b2_c3_d4_e5", "a1_b2_c3_d4_e5_", "a1_b2_c3_d4_e5_f"])
    func `A23 every byte value at every position is accepted in exactly one way`(prefix: String) throws {
        let format = try format(prefix)
        let good = format.text(secret: (0..<28).map { UInt8(truncatingIfNeeded: 3 &+ $0 &* 9) })
        for position in good.indices {
            for byte in UInt8.min...UInt8.max {
                var text = good
                text[position] = byte
                // One changed byte is a burst of at most 8 bits, which a CRC-32 always notices.
                if format.accepts(text) != (byte == good[position]) { Issue.record("byte \(byte) at \(position)") }
            }
        }
    }

    @Test func `A23 a key cut short or lengthened anywhere is refused`() throws {
        let format = try format()
        let good = try keyText(4)
        for position in good.indices {
            var shorter = good
            shorter.remove(at: position)
            var longer = good
            longer.insert(good[position], at: position)
            #expect(!format.accepts(shorter) && !format.accepts(longer) && !format.accepts(Array(good[..<position])))
        }
        for extra in [0x00, 0x0a, 0x20, 0x30] as [UInt8] {
            #expect(!format.accepts(good + [extra]) && !format.accepts([extra] + good))
        }
    }

    @Test func `A23 two characters swapped are refused unless they are equal`() throws {
        let good = try keyText(5)
        for position in good.indices.dropLast() where good[position] != good[position + 1] {
            var text = good
            text.swapAt(position, position + 1)
            #expect(!(try format().accepts(text)))
        }
    }

    @Test func `A21 capitals and look-alikes are not hex`() throws {
        let good = String(decoding: try keyText(6), as: UTF8.self)
        #expect(!(try format().accepts(Array(good.uppercased().utf8))))
        #expect(!(try format().accepts(Array(good.replacing("s", with: "\u{17f}", maxReplacements: 1).utf8))))
        #expect(!(try format().accepts(Array(good.replacing("k", with: "\u{212a}", maxReplacements: 1).utf8))))
    }

    @Test func `H5 ten thousand drawn keys parse, differ and keep to their own prefix`() throws {
        let (own, other) = (try format(), try format("zz"))
        var random = SystemRandomNumberGenerator()
        var seen: Set<[UInt8]> = []
        for _ in 0..<10_000 {
            let text = own.text(secret: (0..<28).map { _ in UInt8.random(in: 0...255, using: &random) })
            if !own.accepts(text) || other.accepts(text) || !seen.insert(text).inserted { Issue.record("a bad draw") }
        }
    }

    @Test(arguments: ["sk", "a1", "sk_live", "0123456789abcdef", "__"])
    func `H5 other prefixes are a matter of configuration`(prefix: String) throws {
        let format = try #require(KeyFormat(prefix: prefix))
        let text = format.text(secret: Array(repeating: 7, count: 28))
        #expect(format.accepts(text) && text.count == prefix.utf8.count + 65 && format.textLength == text.count)
    }

    @Test(arguments: ["", "s", "0123456789abcdefg", "SK", "s-k", "sé", "k s", "kbs", "kbo", "sk\0"])
    func `A23 a prefix outside its grammar or reserved is refused`(prefix: String) {
        #expect(KeyFormat(prefix: prefix) == nil)
    }

    @Test func `A41 sessions and operator tokens are told from keys by their prefix`() throws {
        let secret = Array(repeating: UInt8(9), count: 28)
        let session = KeyFormat.session.text(secret: secret)
        #expect(String(decoding: session.prefix(4), as: UTF8.self) == "kbs_" && KeyFormat.session.accepts(session))
        #expect(!KeyFormat.operatorToken.accepts(session))
        #expect(!(try format().accepts(session)))
    }

    @Test func `Z4 a preview shows the first six and the last four characters`() throws {
        let text = try keyText(8)
        let whole = String(decoding: text, as: UTF8.self)
        #expect(try format().preview(of: text) == whole.prefix(9) + "…" + whole.suffix(4))
        #expect(try format().preview(of: Array("a password that was pasted by mistake".utf8)) == "…")
    }

    @Test func `A29 a presented key can be neither copied, printed nor encoded`() {
        #expect(!isCopyable(PresentedKey.self) && !isPrintable(PresentedKey.self) && !isEncodable(PresentedKey.self))
        #expect(isCopyable(KeyDigest.self) && isPrintable(KeyDigest.self) && isEncodable(Int.self))
    }

    @Test func `A29 a digest says nothing of itself`() throws {
        let digest = KeyDigest(ofText: try keyText(1))
        #expect("\(digest)" == "KeyDigest(…)" && String(reflecting: digest) == "KeyDigest(…)")
        #expect("\(Peppers.none.seal(digest))" == "StoredDigest(…)")
    }
}

extension KeyFormat {
    func accepts(_ text: [UInt8]) -> Bool {
        if parse(text) != nil { true } else { false }
    }
}

/// Bit by bit, after the definition.
private func referenceChecksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var register: UInt32 = 0xffff_ffff
    for byte in bytes {
        register ^= UInt32(byte)
        for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xedb8_8320 : register >> 1 }
    }
    return ~register
}

// The compiler chooses the overload, so each answer is a fact about the type.
private func isCopyable<T: ~Copyable>(_: T.Type) -> Bool { false }
private func isCopyable<T>(_: T.Type) -> Bool { true }
private func isPrintable<T: ~Copyable>(_: T.Type) -> Bool { false }
private func isPrintable<T: CustomStringConvertible>(_: T.Type) -> Bool { true }
private func isEncodable<T: ~Copyable>(_: T.Type) -> Bool { false }
private func isEncodable<T: Encodable>(_: T.Type) -> Bool { true }
