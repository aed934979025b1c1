/// What was counted since the last drain, to be added to the store; of one key there may be several of a sort.
public struct UsageBatch: Sendable {
    public var hourly: [HourlyCount] = []
    public var lastUsed: [LastUse] = []
    public var permissionUse: [PermissionUse] = []
    public var denials: [Denial] = []

    public var isEmpty: Bool { hourly.isEmpty && lastUsed.isEmpty && permissionUse.isEmpty && denials.isEmpty }

    public init() {}
}

/// To be added to the sum of the key, hour and verdict.
public struct HourlyCount: Hashable, Sendable {
    public let key: KeyID
    public let organization: OrganizationID
    public let hourStart: Timestamp
    public let verdict: Verdict
    public let count: Int
}

/// When and from where a key was found valid; the newest counts.
public struct LastUse: Hashable, Sendable {
    public let key: KeyID
    public let organization: OrganizationID
    public let at: Timestamp
    public let address: IPAddress?
}

/// An hour in which a granted permission let a call through; the newest counts.
public struct PermissionUse: Hashable, Sendable {
    public let key: KeyID
    public let organization: OrganizationID
    /// As granted, so `project:*` where that is what covered the call.
    public let permission: String
    public let hourStart: Timestamp
}

/// One call that a known key was refused.
public struct Denial: Hashable, Sendable {
    public let key: KeyID
    public let organization: OrganizationID
    public let at: Timestamp
    public let verdict: Verdict
    public let address: IPAddress?
    /// What was asked for.
    public let permission: String?

    public init(
        key: KeyID, organization: OrganizationID, at: Timestamp, verdict: Verdict, address: IPAddress?,
        permission: String?
    ) {
        self.key = key
        self.organization = organization
        self.at = at
        self.verdict = verdict
        self.address = address
        self.permission = permission
    }
}
