import CVerification
import Crypto
import KeybearerVerification
import Testing

@Suite struct KeyDigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `H5 a digest is SHA-256, by FIPS 180's examples`(text: String, hex: String) throws {
        let digest = KeyDigest(ofText: text.utf8)
        #expect(digest.hex == hex)
        #expect(KeyDigest(hex: hex) == digest && KeyDigest(hex: hex.uppercased()) == digest)
        #expect(KeyDigest(bytes: digest.bytes) == digest && digest.bytes.count == 32)
    }

    @Test func `H5 both ways of hashing agree with swift-crypto at every length around a block's end`() {
        var random = SystemRandomNumberGenerator()
        for length in 0..<300 {
            let text = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let expected = Array(SHA256.hash(data: text))
            #expect(KeyDigest(ofText: text).bytes == expected)
            let portable = text.withUnsafeBufferPointer { keybearer_sha256_portable($0.baseAddress, $0.count) }
            let words = [portable.w0, portable.w1, portable.w2, portable.w3]
            #expect(words.map { String($0, radix: 16) } == KeyDigest(ofText: text).words.map { String($0, radix: 16) })
        }
    }

    @Test func `A23 a pepper of any length is the HMAC's key`() throws {
        let digest = KeyDigest(ofText: "invented".utf8)
        for length in [32, 63, 64, 65, 128, 200] {
            let secret = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let pepper = try #require(Pepper(id: "p", secret: secret), "\(length)")
            let sealed = Peppers(current: pepper, retired: []).seal(digest)
            let expected = HMAC<SHA256>.authenticationCode(for: digest.bytes, using: SymmetricKey(data: secret))
            #expect(sealed.bytes == Array(expected))
        }
    }

    @Test func `H5 a presented key's digest is that of its whole text`() throws {
        let text = try keyText(1)
        let key = try format().parse(text)
        guard let key else { return #expect(Bool(false), "the key did not parse") }
        #expect(KeyDigest(of: key).bytes == Array(SHA256.hash(data: text)))
        // A collection that is not contiguous hashes the same.
        #expect(KeyDigest(ofText: text.lazy.map { $0 }) == KeyDigest(ofText: text))
    }

    @Test func `A21 hex is exactly 64 ASCII digits`() {
        let good = String(repeating: "0f", count: 32)
        #expect(KeyDigest(hex: good) != nil)
        for bad in [
            "", String(good.dropLast()), good + "0", "0x" + good.dropFirst(2), " " + good.dropFirst(),
            "g" + good.dropFirst(), "\u{ff10}" + good.dropFirst(), "+" + good.dropFirst(),
        ] {
            #expect(KeyDigest(hex: bad) == nil)
        }
        #expect(KeyDigest(bytes: [1, 2, 3]) == nil && KeyDigest(bytes: Array(repeating: 0, count: 33)) == nil)
    }

    @Test func `A23 under a pepper the stored form is the HMAC of the digest and names the pepper`() throws {
        let secret = Array(repeating: UInt8(0xa5), count: 32)
        let pepper = try #require(Pepper(id: "2026-a", secret: secret))
        let digest = KeyDigest(ofText: "invented".utf8)
        let sealed = Peppers(current: pepper, retired: []).seal(digest)
        let expected = HMAC<SHA256>.authenticationCode(for: digest.bytes, using: SymmetricKey(data: secret))
        #expect(sealed.bytes == Array(expected) && sealed.pepperID == "2026-a")
        #expect(sealed == StoredDigest(bytes: sealed.bytes, pepperID: "2026-a"))
        #expect(sealed != StoredDigest(bytes: sealed.bytes, pepperID: nil))
    }

    @Test func `A23 with a pepper a plain digest written into the database matches no key`() throws {
        let old = try #require(Pepper(id: "old", secret: Array(repeating: 1, count: 32)))
        let new = try #require(Pepper(id: "new", secret: Array(repeating: 2, count: 64)))
        let digest = KeyDigest(ofText: "invented".utf8)
        let peppers = Peppers(current: new, retired: [old])
        #expect(peppers.candidates(digest).map(\.pepperID) == ["new", "old"])
        #expect(peppers.candidates(digest).first == peppers.seal(digest))
        #expect(!peppers.candidates(digest).contains { $0.bytes == digest.bytes })
        #expect(Peppers.none.candidates(digest).map(\.bytes) == [digest.bytes])
    }

    @Test func `A23 a short pepper or one without a proper name is refused`() {
        let secret = Array(repeating: UInt8(1), count: 32)
        #expect(Pepper(id: "a", secret: Array(secret.dropLast())) == nil)
        for id in ["", "A", "a b", "é", String(repeating: "a", count: 65)] {
            #expect(Pepper(id: id, secret: secret) == nil)
        }
    }
}

extension KeyDigest {
    fileprivate var words: [UInt64] {
        stride(from: 0, to: 32, by: 8).map { start in bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
