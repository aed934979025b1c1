import CVerification

/// SHA-256 of a whole key as presented, or of another token (link, session): what names it once its text is gone.
///
/// No slow hash: the texts hold 224 bits or more, so guessing is hopeless at any speed (NIST SP 800-63B, look-up
/// secrets), and a slow hash on every request would be a lever for denial of service.
public struct KeyDigest: Hashable, Sendable, CustomStringConvertible {
    let words: FourWords

    init(words: FourWords) { self.words = words }

    public init(ofText bytes: some Collection<UInt8>) {
        self =
            bytes.withContiguousStorageIfAvailable { KeyDigest(ofText: $0) }
            ?? Array(bytes).withUnsafeBufferPointer { KeyDigest(ofText: $0) }
    }

    /// Allocates nothing. Not by swift-crypto, which does and takes twice as long; tests compare the two.
    public init(ofText bytes: UnsafeBufferPointer<UInt8>) {
        // The C function reads `count` bytes from the buffer's start, and nothing where the count is 0.
        words = FourWords(keybearer_sha256(bytes.baseAddress, bytes.count))
    }

    /// - Parameter hex: 64 digits, lower- or upper-case.
    public init?(hex: some StringProtocol) {
        guard let words = FourWords(hex: hex.utf8) else { return nil }
        self.words = words
    }

    /// - Parameter bytes: the 32 bytes of the hash.
    public init?(bytes: [UInt8]) {
        guard let words = FourWords(bytes: bytes) else { return nil }
        self.words = words
    }

    public var bytes: [UInt8] { words.bytes }

    /// 64 lower-case digits.
    public var hex: String { words.hex }

    /// Says nothing of the content, so that a digest does not reach a log by accident.
    public var description: String { "KeyDigest(…)" }
}

/// The form at rest and the name of a record in memory: the digest itself or, under a pepper, its HMAC-SHA-256.
public struct StoredDigest: Hashable, Sendable, CustomStringConvertible {
    let words: FourWords
    /// The pepper it was made under; nil for a plain digest.
    public let pepperID: String?

    init(words: FourWords, pepperID: String?) {
        self.words = words
        self.pepperID = pepperID
    }

    /// - Parameter bytes: 32, as read from the store.
    public init?(bytes: [UInt8], pepperID: String?) {
        guard let words = FourWords(bytes: bytes) else { return nil }
        self.init(words: words, pepperID: pepperID)
    }

    public var bytes: [UInt8] { words.bytes }

    // All the words: a gateway may send any digest it likes, so equal first words can be had for nothing. Not the
    // pepper's name, which would only cost time.
    public func hash(into hasher: inout Hasher) { hasher.combine(words) }

    public var description: String { "StoredDigest(…)" }
}

/// 32 bytes as four big-endian words, which need no room on the heap.
struct FourWords: Hashable, Sendable {
    private(set) var w0: UInt64 = 0
    private(set) var w1: UInt64 = 0
    private(set) var w2: UInt64 = 0
    private(set) var w3: UInt64 = 0

    init(_ digest: keybearer_digest) { self.init(digest.w0, digest.w1, digest.w2, digest.w3) }

    var forC: keybearer_digest { keybearer_digest(w0: w0, w1: w1, w2: w2, w3: w3) }

    init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        (self.w0, self.w1, self.w2, self.w3) = (w0, w1, w2, w3)
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            bytes[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(word(0), word(1), word(2), word(3))
    }

    init?(hex: some Collection<UInt8>) {
        guard hex.count == 64 else { return nil }
        for digit in hex {
            guard let value = Hexadecimal.value(of: digit) else { return nil }
            w0 = w0 << 4 | w1 >> 60
            w1 = w1 << 4 | w2 >> 60
            w2 = w2 << 4 | w3 >> 60
            w3 = w3 << 4 | UInt64(value)
        }
    }

    var bytes: [UInt8] {
        withUnsafeBytes(of: (w0.bigEndian, w1.bigEndian, w2.bigEndian, w3.bigEndian)) { Array($0) }
    }

    var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes { Hexadecimal.append(byte, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }
}
