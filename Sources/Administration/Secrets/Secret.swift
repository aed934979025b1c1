import KeybearerVerification

/// A secret that was just made and can be shown once: it cannot be copied, printed or encoded, and showing uses it up.
public struct Secret: ~Copyable, Sendable {
    private let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    /// The only way out.
    public consuming func reveal() -> String { String(decoding: text, as: UTF8.self) }

    /// SHA-256 of the whole text: what is kept.
    var digest: KeyDigest { KeyDigest(ofText: text) }

    /// A preview that tells keys apart and helps nobody to guess one.
    func preview(_ format: KeyFormat) -> String { format.preview(of: text) }

    /// A key or token of the format: 224 random bits, then the checksum.
    static func generate(_ format: KeyFormat, using random: inout some RandomNumberGenerator) -> Secret {
        Secret(format.text(secret: bytes(28, using: &random)))
    }

    /// A token for links: 256 random bits in 64 hex characters.
    static func linkToken(using random: inout some RandomNumberGenerator) -> Secret {
        let digits = Array("0123456789abcdef".utf8)
        return Secret(bytes(32, using: &random).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    // Eight at a time: the system is asked for each number.
    static func bytes(_ count: Int, using random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            withUnsafeBytes(of: random.next() as UInt64) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
        }
        return bytes
    }
}

/// A new key: what is kept of it, and its text, once.
public struct IssuedKey: ~Copyable, Sendable {
    public let key: APIKey
    private let secret: Secret

    init(key: APIKey, secret: consuming Secret) {
        self.key = key
        self.secret = secret
    }

    /// The key's whole text. There is no second time.
    public consuming func reveal() -> String { secret.reveal() }
}

/// What creating or rotating a key answers.
public enum KeyAnswer: ~Copyable, Sendable {
    case issued(IssuedKey)
    /// The same request was answered before: that answer, without its secret.
    case replayed(IdempotencyRecord)
}

/// A new invitation with the token of its link, once.
public struct IssuedInvitation: ~Copyable, Sendable {
    public let invitation: Invitation
    private let token: Secret
    private let publicURL: String

    init(invitation: Invitation, token: consuming Secret, publicURL: String) {
        self.invitation = invitation
        self.token = token
        self.publicURL = publicURL
    }

    /// The link to hand to the invited person: a page that takes name and password, without any script.
    public consuming func revealURL() -> String { "\(publicURL)/invitations/\(token.reveal())" }
}

public enum InvitationAnswer: ~Copyable, Sendable {
    case issued(IssuedInvitation)
    case replayed(IdempotencyRecord)
}

/// A new session with its token, once.
public struct SignedIn: ~Copyable, Sendable {
    public let session: Session
    public let user: User
    private let token: Secret

    init(session: Session, user: User, token: consuming Secret) {
        self.session = session
        self.user = user
        self.token = token
    }

    public consuming func revealToken() -> String { token.reveal() }
}

/// The operator's sign-in link, once.
public struct IssuedLink: ~Copyable, Sendable {
    public let expiresAt: Timestamp
    private let token: Secret
    private let publicURL: String

    init(expiresAt: Timestamp, token: consuming Secret, publicURL: String) {
        self.expiresAt = expiresAt
        self.token = token
        self.publicURL = publicURL
    }

    public consuming func revealURL() -> String { "\(publicURL)/sign-in/link/\(token.reveal())" }
}

/// A new operator token, once.
public struct IssuedOperatorToken: ~Copyable, Sendable {
    public let token: OperatorToken
    private let secret: Secret

    init(token: OperatorToken, secret: consuming Secret) {
        self.token = token
        self.secret = secret
    }

    public consuming func reveal() -> String { secret.reveal() }
}
