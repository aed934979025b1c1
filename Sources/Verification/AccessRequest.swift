/// What a call asks of a key.
public struct AccessRequest: Sendable {
    /// Nil asks only whether the key is good.
    public let permission: Permission?
    /// The client's; nil where it is not known, which no allowlist accepts.
    public let address: IPAddress?
    /// What the call takes from the rate limits: 0…1000.
    public let cost: Int

    public static let allowedCosts = 0...1000

    /// - Parameter cost: a number outside `allowedCosts` is a mistake of the program; the edge has refused it.
    public init(permission: Permission? = nil, address: IPAddress? = nil, cost: Int = 1) {
        precondition(Self.allowedCosts.contains(cost), "a cost is 0…1000")
        self.permission = permission
        self.address = address
        self.cost = cost
    }
}

/// A verification whose text stands in somebody else's buffer.
public struct TextCall {
    /// Empty for none.
    public let text: UnsafeBufferPointer<UInt8>
    public let request: AccessRequest

    public init(text: UnsafeBufferPointer<UInt8>, request: AccessRequest) {
        self.text = text
        self.request = request
    }
}

/// What the caller holds up. Of text the empty one is the same as none.
public enum PresentedCredential: Sendable {
    case missing
    case text([UInt8])
    case digest(KeyDigest)
}
