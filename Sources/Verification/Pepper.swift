import CVerification

/// A secret kept outside the database, so that who can write to the database still cannot mint a key.
public struct Pepper: Sendable {
    /// Stored beside each digest made under this pepper; 1…64 characters of `a-z0-9_-`.
    public let id: String
    // The states after the key has gone in, so that a verification costs two compressions and not four.
    private let key: keybearer_hmac_key

    /// - Parameter secret: at least 32 bytes; nil for less, or for an id outside its grammar.
    public init?(id: String, secret: [UInt8]) {
        guard (1...64).contains(id.utf8.count), id.utf8.allSatisfy(Self.isIDByte), secret.count >= 32 else {
            return nil
        }
        self.id = id
        key = secret.withUnsafeBufferPointer { keybearer_hmac_prepare($0.baseAddress, $0.count) }
    }

    func seal(_ digest: KeyDigest) -> StoredDigest {
        withUnsafePointer(to: key) { key in
            StoredDigest(words: FourWords(keybearer_hmac(key, digest.words.forC)), pepperID: id)
        }
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// How digests are sealed now (one current pepper, or none), and the older ways in which they may have been.
public struct Peppers: Sendable {
    private let current: Pepper?
    private let retired: [Pepper]
    /// Whether digests are stored under a pepper now.
    // Kept, since every verification asks and looking at an optional pepper copies it.
    public let isConfigured: Bool

    public static let none = Peppers(current: nil, retired: [])

    public init(current: Pepper?, retired: [Pepper]) {
        self.current = current
        self.retired = retired
        isConfigured = current != nil
    }

    /// The form in which a new key is stored: under the current pepper, or the digest itself where there is none.
    public func seal(_ digest: KeyDigest) -> StoredDigest {
        isConfigured ? sealUnderCurrent(digest) : StoredDigest(words: digest.words, pepperID: nil)
    }

    // Apart, so that nobody without a pepper copies one.
    @inline(never)
    private func sealUnderCurrent(_ digest: KeyDigest) -> StoredDigest {
        current?.seal(digest) ?? StoredDigest(words: digest.words, pepperID: nil)
    }

    /// Every form under which a key may be stored, likeliest first. The plain digest is among them only where
    /// there is no current pepper: with one, a row written by someone without the secret matches no key.
    public func candidates(_ digest: KeyDigest) -> [StoredDigest] {
        [seal(digest)] + retired.map { $0.seal(digest) }
    }

    /// Whether `seal` is the only candidate.
    var hasOneForm: Bool { retired.isEmpty }
}
