import KeybearerVerification

/// One link of an audit chain. There is one chain per organization and one for the operator.
public struct AuditEvent: Sendable, Hashable {
    public let id: EventID
    public let chain: AuditChain
    /// 1 for the first event of its chain; no gaps.
    public let position: Int64
    public let at: Timestamp
    /// `user:usr_…`, `api_key:key_…`, `operator:NAME`, `local:COMMAND`.
    public let actor: String
    /// `operator:NAME` where the operator acted as the actor.
    public let via: String?
    public let address: IPAddress?
    /// The operation's name, such as `api_key.create`.
    public let action: String
    /// The identifier of what was changed.
    public let target: String?
    /// `ok`, or the code with which the change was refused.
    public let outcome: String
    /// How many such events this one stands for: refusals are aggregated by the minute.
    public let count: Int64
    /// Canonical JSON of what changed; never a secret or a digest.
    public let details: String
    public let previous: ChainHash
    public let hash: ChainHash

    public init(
        id: EventID, chain: AuditChain, position: Int64, at: Timestamp, actor: String, via: String?,
        address: IPAddress?, action: String, target: String?, outcome: String, count: Int64, details: String,
        previous: ChainHash, hash: ChainHash
    ) {
        self.id = id
        self.chain = chain
        self.position = position
        self.at = at
        self.actor = actor
        self.via = via
        self.address = address
        self.action = action
        self.target = target
        self.outcome = outcome
        self.count = count
        self.details = details
        self.previous = previous
        self.hash = hash
    }
}

public enum AuditChain: Sendable, Hashable, CustomStringConvertible {
    case organization(OrganizationID)
    case `operator`

    public init?(_ text: String) {
        if text == "operator" {
            self = .operator
        } else if let id = OrganizationID(text) {
            self = .organization(id)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .organization(let id): id.description
        case .operator: "operator"
        }
    }
}

/// 32 bytes of SHA-256 or HMAC-SHA-256.
public struct ChainHash: Sendable, Hashable {
    public let bytes: [UInt8]

    /// What the first event of a chain names as its previous one.
    public static let genesis = ChainHash(trusted: [UInt8](repeating: 0, count: 32))

    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    init(trusted bytes: [UInt8]) { self.bytes = bytes }

    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// The last event of a chain.
public struct AuditHead: Sendable, Hashable {
    public let chain: AuditChain
    public let position: Int64
    public let hash: ChainHash

    public init(chain: AuditChain, position: Int64, hash: ChainHash) {
        self.chain = chain
        self.position = position
        self.hash = hash
    }
}

/// Which events of one chain are meant.
public struct AuditQuery: Sendable, Hashable {
    public var chain: AuditChain
    public var action: String?
    public var actor: String?
    /// The identifier of what was changed.
    public var target: String?
    public var from: Timestamp?
    public var to: Timestamp?

    public init(
        chain: AuditChain, action: String? = nil, actor: String? = nil, target: String? = nil,
        from: Timestamp? = nil, to: Timestamp? = nil
    ) {
        self.chain = chain
        self.action = action
        self.actor = actor
        self.target = target
        self.from = from
        self.to = to
    }
}
