import KeybearerVerification

/// What the operator's configuration decides about organizations and keys, checked once at start.
public struct Rules: Sendable {
    public enum KeyManagement: String, Sendable, CaseIterable {
        /// Only people whose role is `owner` manage keys.
        case owner
        /// Whoever holds the `api_key` permissions manages keys, people and keys alike.
        case permission
    }

    public enum Ceiling: String, Sendable, CaseIterable {
        /// A key's permissions are bounded by its creator's when it is made or changed.
        case atCreation = "at_creation"
        /// The creator's current permissions also bound the key at each verification.
        case live
    }

    public struct SelfService: Sendable {
        /// Whether people may create organizations themselves.
        public let isEnabled: Bool
        public let defaultPlan: String
        /// How many organizations one person may own.
        public let perPerson: Int

        public init(isEnabled: Bool = false, defaultPlan: String = "free", perPerson: Int = 3) {
            self.isEnabled = isEnabled
            self.defaultPlan = defaultPlan
            self.perPerson = perPerson
        }
    }

    public let catalogue: PermissionCatalogue
    /// Roles of the configuration, `owner`, `admin` and `member` among them.
    public let roles: [RoleName: PermissionSet]
    public let plans: [String: Plan]
    public let keyFormat: KeyFormat
    public let peppers: Peppers
    public let keyManagement: KeyManagement
    public let ceiling: Ceiling
    /// Whether allowlists may hold CIDR blocks besides addresses.
    public let acceptsCIDR: Bool
    public let selfService: SelfService
    /// Where people reach the control plane, without a trailing slash; invitation links start with it.
    public let publicURL: String
    /// Keys the audit chains, so that a database writer cannot forge them; nil for plain SHA-256.
    public let auditSecret: [UInt8]?
    /// Calls of sessions and operator tokens that an organization may make in a second.
    public let changesPerSecond: Int
    public let retention: Retention

    /// - Parameter roles: additions to and replacements of the built-in roles, by name.
    public init(
        catalogue: PermissionCatalogue, roles: [RoleName: PermissionSet] = [:], plans: [String: Plan] = Plan.standard,
        keyFormat: KeyFormat, peppers: Peppers, keyManagement: KeyManagement = .owner, ceiling: Ceiling = .atCreation,
        acceptsCIDR: Bool = false, selfService: SelfService = SelfService(),
        publicURL: String = "http://localhost:8080", auditSecret: [UInt8]? = nil, changesPerSecond: Int = 1000,
        retention: Retention = Retention()
    ) {
        self.catalogue = catalogue
        let builtIn: [RoleName: PermissionSet] = [
            .owner: catalogue.ownerSet, .admin: catalogue.adminSet, .member: catalogue.memberSet,
        ]
        self.roles = builtIn.merging(roles) { _, configured in configured }
        self.plans = plans
        self.keyFormat = keyFormat
        self.peppers = peppers
        self.keyManagement = keyManagement
        self.ceiling = ceiling
        self.acceptsCIDR = acceptsCIDR
        self.selfService = selfService
        self.publicURL = publicURL
        self.auditSecret = auditSecret
        self.changesPerSecond = changesPerSecond
        self.retention = retention
    }

    /// The plan of that name; an organization whose plan left the configuration may keep its keys and create none.
    public func plan(_ name: String) -> Plan { plans[name] ?? Plan.withdrawn(name) }
}

/// What an organization has booked.
public struct Plan: Sendable, Hashable {
    public let name: String
    /// Keys that may be live at once; nil means unlimited.
    public let activeKeys: Int?
    public let features: [String]
    /// What one key may do in a window.
    public let rateLimit: RateLimitPolicy
    /// What all keys of an organization may do together; nil means no such bound.
    public let organizationRateLimit: RateLimitPolicy?
    /// Whether every verification of its keys asks the database first, and trusts no clock.
    public let isStrict: Bool

    public init(
        name: String, activeKeys: Int?, features: [String], rateLimit: RateLimitPolicy,
        organizationRateLimit: RateLimitPolicy? = nil, isStrict: Bool = false
    ) {
        self.name = name
        self.activeKeys = activeKeys
        self.features = features
        self.rateLimit = rateLimit
        self.organizationRateLimit = organizationRateLimit
        self.isStrict = isStrict
    }

    /// `tenant_api_keys` and `api_access` are two names of one feature.
    public var allowsAPIKeys: Bool { features.contains("tenant_api_keys") || features.contains("api_access") }

    /// The four plans that apply where the configuration names no others.
    public static let standard: [String: Plan] = {
        let requests: [(String, Int?, Int)] = [
            ("free", 1, 60), ("starter", 5, 300), ("pro", 20, 1200), ("enterprise", nil, 6000),
        ]
        var plans: [String: Plan] = [:]
        for (name, keys, limit) in requests {
            guard let policy = RateLimitPolicy(requests: limit, windowSeconds: 60) else { continue }
            plans[name] = Plan(name: name, activeKeys: keys, features: ["tenant_api_keys"], rateLimit: policy)
        }
        return plans
    }()

    static func withdrawn(_ name: String) -> Plan {
        Plan(name: name, activeKeys: 0, features: [], rateLimit: .smallest)
    }
}
