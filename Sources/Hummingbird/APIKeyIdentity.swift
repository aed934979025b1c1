import KeybearerAPI

/// Whose key a request was made with.
public struct APIKeyIdentity: Sendable, Hashable {
    /// `key_…`
    public let id: String
    public let name: String
    /// `org_…`
    public let organizationID: String
    public let organization: String
    public let plan: String
    /// What the key may do at this moment.
    public let permissions: [String]
    public let labels: [String: String]

    public init(
        id: String, name: String, organizationID: String, organization: String, plan: String, permissions: [String],
        labels: [String: String]
    ) {
        self.id = id
        self.name = name
        self.organizationID = organizationID
        self.organization = organization
        self.plan = plan
        self.permissions = permissions
        self.labels = labels
    }
}

/// The answer to one request's key.
public struct KeyVerdict: Sendable, Hashable {
    /// How often the key may be used.
    public struct Limit: Sendable, Hashable {
        public let policy: String
        public let limit: Int
        public let windowSeconds: Int
        public let remaining: Int
        /// Until the window ends.
        public let resetSeconds: Int

        public init(policy: String, limit: Int, windowSeconds: Int, remaining: Int, resetSeconds: Int) {
            self.policy = policy
            self.limit = limit
            self.windowSeconds = windowSeconds
            self.remaining = remaining
            self.resetSeconds = resetSeconds
        }
    }

    /// `valid`, or why not, in the words of the API.
    public let code: String
    /// Present whenever the key is known, whatever the code.
    public let identity: APIKeyIdentity?
    public let limit: Limit?

    public init(code: String, identity: APIKeyIdentity?, limit: Limit?) {
        self.code = code
        self.identity = identity
        self.limit = limit
    }

    public static let unavailable = KeyVerdict(code: "unavailable", identity: nil, limit: nil)
}
