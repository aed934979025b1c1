import KeybearerVerification
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::ffff:203.0.113.9", "203.0.113.9"), ("::FFFF:cb00:7109", "203.0.113.9"),
        ("0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"), ("::", "::"), ("::1", "::1"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0db8::0001", "2001:db8::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("fe80::", "fe80::"), ("1::8", "1::8"),
    ])
    func `A13 an address has one canonical text, after RFC 5952`(text: String, canonical: String) throws {
        #expect(try address(text).description == canonical)
        #expect(try address(canonical) == address(text))
    }

    @Test func `A13 only mapped addresses become IPv4`() throws {
        #expect(try address("::ffff:1.2.3.4").isIPv4)
        for text in ["::1.2.3.4", "64:ff9b::1.2.3.4", "::fffe:1.2.3.4", "::1:ffff:1.2.3.4", "1::ffff:1.2.3.4"] {
            let parsed = try address(text)
            #expect(!parsed.isIPv4)
            #expect(try parsed != address("1.2.3.4"))
        }
        #expect(IPAddress(v4: 0x7f00_0001) == IPAddress("127.0.0.1"))
        #expect(IPAddress(v6: 0, low: 0xffff_7f00_0001) == IPAddress("127.0.0.1"))
        #expect(IPAddress(v6: 0, low: 1) == IPAddress("::1"))
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "01.2.3.4", "1.2.3.04", "1.2.3.00",
        "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.1", "256.1.1.1", "1.2.3.999", "1.2.3.4/32", "1.2.3.4:80",
        "1.2.3.4\0", "1.2.3.4\0x", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "+1.2.3.4", "1.2.3.-4", "1e1.2.3.4",
        "1.2.3.4%eth0", "\u{ff11}.2.3.4", "\u{0661}.2.3.4",
        ":", ":::", "1:::2", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "12345::", "g::", "::1/128",
        "::1%lo", "fe80::1%25eth0", "[::1]", "[::1]:80", "::1\0", "::ffff:1.2.3", "::ffff:01.2.3.4",
        "::ffff:1.2.3.4.5", "::1.2.3.4:5", "1.2.3.4::", "::ffff:256.1.1.1", "1:2:3:4:5:6:7:1.2.3.4", "::-1", "::+1",
        "::0x1", "0000:0000:0000:0000:0000:0000:0000:00001",
    ])
    func `A13 anything but a literal address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `A13 random texts are judged and read as inet_pton does, but for what follows a NUL`() throws {
        var random = SeededRandom(seed: 13)
        var valid = 0
        for _ in 0..<200_000 {
            let text = Self.randomText(using: &random)
            let expected = text.contains(0) ? nil : systemAddress(text)
            let parsed = IPAddress(bytes: text)
            if parsed != expected {
                Issue.record("\(String(decoding: text, as: UTF8.self)) is \(String(describing: parsed))")
            }
            if parsed != nil { valid += 1 }
        }
        #expect(valid > 20_000, "too few of the texts were addresses to show anything")
    }

    @Test func `A13 random addresses survive being written and read`() throws {
        var random = SeededRandom(seed: 14)
        for _ in 0..<20_000 {
            // Groups of zeros are what shortening is about, so half of them are.
            func word() -> UInt64 {
                (0..<4).reduce(0) { value, _ in value << 16 | (Bool.random(using: &random) ? 0 : random.next() & 0xffff)
                }
            }
            let made = IPAddress(v6: word(), low: word())
            let text = made.description
            if IPAddress(text) != made || systemAddress(Array(text.utf8)) != made { Issue.record("\(made)") }
        }
    }

    /// Half begin as an address, then some bytes change; the other half are drawn from the bytes of addresses.
    private static func randomText(using random: inout SeededRandom) -> [UInt8] {
        let alphabet = Array("0123456789abcdefABCDEF::::....\0/%[] x+-g".utf8)
        guard Int.random(in: 0..<4, using: &random) > 0 else {
            return (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in alphabet.randomElement(using: &random)
            }
        }
        var text = randomAddress(using: &random)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let position = Int.random(in: 0...text.count, using: &random)
            let byte = alphabet.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<3, using: &random) {
            case 0: text.insert(byte, at: position)
            case 1 where position < text.count: text[position] = byte
            case 2 where position < text.count: text.remove(at: position)
            default: continue
            }
        }
        return text
    }

    private static func randomAddress(using random: inout SeededRandom) -> [UInt8] {
        func dotted() -> String {
            (0..<4).map { _ in String(UInt8.random(in: 0...255, using: &random)) }.joined(separator: ".")
        }
        func groups(_ count: Int) -> String {
            (0..<count).map { _ in
                String(random.next() & 0xffff >> UInt64.random(in: 0...15, using: &random), radix: 16)
            }
            .joined(separator: ":")
        }
        let before = Int.random(in: 0...7, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return Array(dotted().utf8)
        case 1: return Array(groups(8).utf8)
        case 2: return Array((groups(before) + "::" + groups(Int.random(in: 0...7 - before, using: &random))).utf8)
        case 3: return Array((groups(6) + ":" + dotted()).utf8)
        case 4: return Array(("::ffff:" + dotted()).utf8)
        default: return Array((groups(min(before, 5)) + "::" + dotted()).utf8)
        }
    }
}

/// By the C library, mapped as ours are; the text must hold no NUL.
func systemAddress(_ text: [UInt8]) -> IPAddress? {
    let terminated = text.map { CChar(bitPattern: $0) } + [0]
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, terminated, &bytes) == 1 {
        return IPAddress(v4: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
    }
    guard inet_pton(AF_INET6, terminated, &bytes) == 1 else { return nil }
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    return IPAddress(v6: word(bytes[..<8]), low: word(bytes[8...]))
}

@Suite struct CIDRBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("0.0.0.0/0", "255.1.2.3", "::1"), ("::/0", "ffff::", "1.2.3.4"),
        ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.8"), ("::1/128", "::1", "::2"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"), ("::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"),
        ("fe80::/10", "febf::1", "fec0::1"), ("2001:db8::/64", "2001:db8::ffff:0:0:1", "2001:db8:0:1::"),
        ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", "2001:db8::1"),
    ])
    func `A11 a block holds its addresses and no others`(text: String, inside: String, outside: String) throws {
        let block = try #require(CIDRBlock(text))
        #expect(block.contains(try address(inside)))
        #expect(!block.contains(try address(outside)))
        #expect(CIDRBlock(block.description) == block)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.1/8", "::/129", "::1/127", "10.0.0.0/08", "10.0.0.0/+8",
        "10.0.0.0/8/8", "10.0.0.0/8 ", "10.0.0.0/-1", "::ffff:10.0.0.0/8", "::ffff:0:0/95", "10.0.0.0/255.0.0.0",
        "10.0.0.0/8\0", "10/8",
    ])
    func `A13 a block that is not exactly one is refused`(text: String) {
        #expect(CIDRBlock(text) == nil)
    }

    @Test func `A11 random blocks hold what shares their leading bits`() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...128, using: &random)
            let base = [UInt8]((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
            let masked = base.indices.map { base[$0] & mask(length, $0) }
            let block = try #require(CIDRBlock("\(made(masked))/\(length)"))
            var other = base
            let flipped = Int.random(in: 0..<128, using: &random)
            other[flipped / 8] ^= 0x80 >> UInt8(flipped % 8)
            #expect(block.contains(made(base)))
            #expect(block.contains(made(other)) == (flipped >= length))
        }
    }

    private func mask(_ length: Int, _ index: Int) -> UInt8 {
        let bits = min(8, max(0, length - 8 * index))
        return bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xff << (8 - bits))
    }

    /// Never in the mapped range: the first byte is made odd.
    private func made(_ bytes: [UInt8]) -> IPAddress {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return IPAddress(v6: word(bytes[..<8]), low: word(bytes[8...]))
    }
}
