/// One link of the organization's audit chain.
public struct AuditEventResource: Resource {
    public let id: String
    /// 1 for the first event of its chain; no gaps.
    public let position: Int64
    public let at: String
    public let actor: String
    public let via: String?
    public let ip: String?
    public let action: String
    public let target: String?
    /// `ok`, or the code with which the change was refused.
    public let outcome: String
    /// How many refusals of one minute the event stands for.
    public let count: Int64
    public let details: JSON
    /// 64 hexadecimal digits each.
    public let previousHash: String
    public let hash: String

    public init(
        id: String, position: Int64, at: String, actor: String, via: String?, ip: String?, action: String,
        target: String?, outcome: String, count: Int64, details: JSON, previousHash: String, hash: String
    ) {
        self.id = id
        self.position = position
        self.at = at
        self.actor = actor
        self.via = via
        self.ip = ip
        self.action = action
        self.target = target
        self.outcome = outcome
        self.count = count
        self.details = details
        self.previousHash = previousHash
        self.hash = hash
    }

    public var json: JSON {
        [
            "id": .string(id), "position": .integer(position), "at": .string(at), "actor": .string(actor),
            "via": JSON(via), "ip": JSON(ip), "action": .string(action), "target": JSON(target),
            "outcome": .string(outcome), "count": .integer(count), "details": details,
            "previous_hash": .string(previousHash), "hash": .string(hash),
        ]
    }
}
