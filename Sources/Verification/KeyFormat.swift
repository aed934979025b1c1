import CVerification

/// The shape of a key: `PREFIX_`, 56 lower-case hex digits of secret and 8 of CRC-32 over all the text before them.
///
/// The checksum tells typos, truncations and random bait from keys without a lookup, and lets a scanner do so
/// offline. It is no protection: anyone can compute it.
public struct KeyFormat: Sendable {
    /// 224 bits.
    public static let secretLength = 28

    /// Session tokens of people, `kbs_…`.
    public static let session = KeyFormat(checked: "kbs")
    /// Operator tokens, `kbo_…`.
    public static let operatorToken = KeyFormat(checked: "kbo")

    public let prefix: String
    /// Of the whole key, in bytes.
    public let textLength: Int
    let lead: [UInt8]
    private let leadForC: keybearer_lead

    /// - Parameter prefix: 2…16 characters of `a-z0-9_`; not one that Keybearer reserves.
    public init?(prefix: String) {
        let bytes = prefix.utf8
        guard (2...16).contains(bytes.count), bytes.allSatisfy(Self.isPrefixByte),
            prefix != Self.session.prefix, prefix != Self.operatorToken.prefix
        else { return nil }
        self.init(checked: prefix)
    }

    private init(checked prefix: String) {
        self.prefix = prefix
        lead = Array(prefix.utf8) + [UInt8(ascii: "_")]
        textLength = lead.count + 64
        leadForC = keybearer_lead(lead)
    }

    /// Exact: no trimming, no case folding; nil for anything but a key of this format with the right checksum.
    public func parse(_ text: some Collection<UInt8>) -> PresentedKey? {
        guard text.count == textLength else { return nil }
        let bytes = [UInt8](text)
        return bytes.withUnsafeBufferPointer({ digest(of: $0) }) == nil ? nil : PresentedKey(checked: bytes)
    }

    /// The digest of what `parse` would accept, without a copy of its text.
    @inline(__always)
    func digest(of text: UnsafeBufferPointer<UInt8>) -> KeyDigest? {
        guard text.count == textLength, let start = text.baseAddress else { return nil }
        var digest = keybearer_digest()
        // Reads the lead's length and 64 bytes, which is what the text has.
        let isKey = withUnsafePointer(to: leadForC) { keybearer_key_digest($0, start, &digest) }
        return isKey == 1 ? KeyDigest(words: FourWords(digest)) : nil
    }

    /// Prefix, underscore and 64 lower-case hex digits, whatever the checksum.
    func hasShape(_ text: [UInt8]) -> Bool { text.withUnsafeBufferPointer(hasShape) }

    func hasShape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count == textLength, let start = text.baseAddress else { return false }
        return withUnsafePointer(to: leadForC) { keybearer_has_shape($0, start) } == 1
    }

    /// The key for a secret that was just drawn.
    /// - Parameter secret: exactly `secretLength` bytes from the system's secure random source.
    public func text(secret: [UInt8]) -> [UInt8] {
        precondition(secret.count == Self.secretLength, "a secret is 28 bytes")
        var text = lead
        text.reserveCapacity(textLength)
        for byte in secret { Hexadecimal.append(byte, to: &text) }
        var checksum = CRC32()
        checksum.update(text)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            Hexadecimal.append(UInt8(truncatingIfNeeded: checksum.value >> shift), to: &text)
        }
        return text
    }

    /// What may be shown of a key afterwards: prefix, first 6 and last 4 characters, `sk_a1b2c3…9f0e`. Of a
    /// text that is not of this format nothing is shown but `…`.
    public func preview(of text: [UInt8]) -> String {
        guard hasShape(text) else { return "…" }
        return String(decoding: text.prefix(lead.count + 6), as: UTF8.self) + "…"
            + String(decoding: text.suffix(4), as: UTF8.self)
    }

    private static func isPrefixByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// A key's text, well-formed and its checksum right, on its way to its digest. The compiler holds it back from
/// logs and encoders: it cannot be copied, so nothing generic (printing, interpolation, `Encodable`) accepts it.
public struct PresentedKey: ~Copyable, Sendable {
    fileprivate let bytes: [UInt8]

    fileprivate init(checked bytes: [UInt8]) { self.bytes = bytes }
}

extension KeyDigest {
    public init(of key: borrowing PresentedKey) { self.init(ofText: key.bytes) }
}

extension keybearer_lead {
    /// - Parameter bytes: 17 at most.
    fileprivate init(_ bytes: [UInt8]) {
        self.init()
        withUnsafeMutableBytes(of: &self.bytes) { $0.copyBytes(from: bytes) }
        length = UInt8(bytes.count)
        var checksum = CRC32()
        checksum.update(bytes)
        self.checksum = checksum.register
    }
}
