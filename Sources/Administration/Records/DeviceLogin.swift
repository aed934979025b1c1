import KeybearerVerification

/// A program without a browser that asks for a person's leave (RFC 8628), until it is answered or 10 minutes old.
public struct DeviceLogin: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case pending
        case approved(Approval)
        case denied
    }

    /// Who gave leave, and what bounds their own session: the new one is bounded alike.
    public struct Approval: Sendable, Hashable {
        public let user: UserID
        public let organization: OrganizationID?
        public let viaOperator: String?

        public init(user: UserID, organization: OrganizationID?, viaOperator: String?) {
            self.user = user
            self.organization = organization
            self.viaOperator = viaOperator
        }
    }

    public let deviceCodeDigest: KeyDigest
    public let userCodeDigest: KeyDigest
    public let client: DeviceClient
    /// Where the program asked from; nil on a Unix socket.
    public let address: IPAddress?
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    public var state: State

    public init(
        deviceCodeDigest: KeyDigest, userCodeDigest: KeyDigest, client: DeviceClient, address: IPAddress?,
        createdAt: Timestamp, expiresAt: Timestamp, state: State = .pending
    ) {
        self.deviceCodeDigest = deviceCodeDigest
        self.userCodeDigest = userCodeDigest
        self.client = client
        self.address = address
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.state = state
    }

    /// Requests from the same place are bounded together: an IPv4 address, or an IPv6 /64.
    public var origin: String { Self.origin(of: address) }

    static func origin(of address: IPAddress?) -> String { (address?.customerNetwork).map(\.description) ?? "local" }
}

/// The programs that may ask for a login: public clients in the sense of RFC 6749, so the name proves nothing.
public enum DeviceClient: String, Sendable, Hashable, CaseIterable {
    case commandLine = "keybearer-cli"

    /// What a person is shown.
    public var title: String {
        switch self {
        case .commandLine: "Keybearer command line"
        }
    }
}

/// The code that a person carries from one screen to another: 8 letters without vowels, so that none spells a word and
/// none is taken for another (RFC 8628, section 6.1).
public struct UserCode: Sendable, Hashable {
    private static let alphabet = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
    private static let length = 8

    private let letters: [UInt8]

    /// Reads what was typed: case, spaces and dashes do not matter.
    public init?(_ text: String) {
        let separators: Set<UInt8> = [0x20, 0x09, UInt8(ascii: "-")]
        let letters = text.utf8.prefix(64).filter { !separators.contains($0) }.map { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 0x20 : byte
        }
        guard letters.count == Self.length, letters.allSatisfy(Self.alphabet.contains) else { return nil }
        self.letters = letters
    }

    init(using random: inout some RandomNumberGenerator) {
        letters = (0..<Self.length).map { _ in
            Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &random)]
        }
    }

    var digest: KeyDigest { KeyDigest(ofText: letters) }
}

extension UserCode: CustomStringConvertible {
    /// In two halves, as it is read out: `WDJB-MJHT`.
    public var description: String {
        String(decoding: letters.prefix(4), as: UTF8.self) + "-" + String(decoding: letters.suffix(4), as: UTF8.self)
    }
}
