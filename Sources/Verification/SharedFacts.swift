import Synchronization

/// What is known of an organization; one instance is shared by the records of all its keys.
public final class OrganizationFacts: Sendable {
    public let id: OrganizationID
    public let slug: String
    public let planName: String
    public let isSuspended: Bool
    /// For all its keys together, beside each key's own.
    public let rateLimit: RateLimitPolicy?
    /// Whether its keys are decided about only once everything committed before the call is known.
    public let isStrict: Bool

    public init(
        id: OrganizationID, slug: String, planName: String, isSuspended: Bool, rateLimit: RateLimitPolicy?,
        isStrict: Bool = false
    ) {
        self.id = id
        self.slug = slug
        self.planName = planName
        self.isSuspended = isSuspended
        self.rateLimit = rateLimit
        self.isStrict = isStrict
    }
}

/// Who made a key.
public struct Creator: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case user
        case apiKey = "api_key"
        case `operator`
    }

    public let kind: Kind
    /// As text, since each kind has its own sort of identifier.
    public let id: String
    public let name: String

    public init(kind: Kind, id: String, name: String) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}

/// What the records of many keys have in common: whose they are, what they may do and how often. Kept once for all of
/// them (`FactsPool`), so that a key in memory costs little more than its own texts.
public final class SharedFacts: Sendable {
    // What every decision looks at comes first, within 40 bytes: one line of the processor's cache, or two.
    /// Those in the catalogue, compiled.
    public let permissions: PermissionSet
    public let rateLimit: RateLimitPolicy
    // What is said of others below, so that looking costs no copy and no line more.
    let isSuspended: Bool
    let isStrict: Bool
    let hasOrganizationLimit: Bool
    let hasCeiling: Bool
    private let hasPepper: Bool

    public let organization: OrganizationFacts
    /// Every permission as stored, those that have gone from the catalogue included.
    public let grantedTexts: [String]
    /// With `keys.ceiling: live`, what the creator holds now; the key can do no more.
    public let ceiling: PermissionSet?
    public let createdBy: Creator
    /// The pepper under which the digests are stored.
    let pepperID: String?

    /// How many records of a cache refer to this; their cache counts its bytes once.
    let users = Atomic(0)
    // The address of an object with a count of its own, made once and given back in `deinit`; 0 before.
    private let forms = Atomic<UInt>(0)

    public init(
        organization: OrganizationFacts, grantedTexts: [String], permissions: PermissionSet, ceiling: PermissionSet?,
        createdBy: Creator, rateLimit: RateLimitPolicy, pepperID: String?
    ) {
        self.organization = organization
        self.grantedTexts = grantedTexts
        self.permissions = permissions
        self.ceiling = ceiling
        self.createdBy = createdBy
        self.rateLimit = rateLimit
        self.pepperID = pepperID
        isSuspended = organization.isSuspended
        isStrict = organization.isStrict
        hasOrganizationLimit = organization.rateLimit != nil
        hasCeiling = ceiling != nil
        hasPepper = pepperID != nil
    }

    deinit {
        Self.forms(at: forms.load(ordering: .acquiring))?.release()
    }

    /// The position of the first permission that covers what is asked.
    func position(covering asked: Permission?) -> Int? {
        guard let asked else { return nil }
        return permissions.firstIndex(covering: asked)
    }

    /// Whether the digests are stored under this pepper, or under none as this is none.
    func isUnder(_ other: String?) -> Bool { hasPepper ? other == pepperID : other == nil }

    /// What the key can do now, for callers that look at the list themselves: without what has gone from the
    /// catalogue, and under a live ceiling without what its creator does not hold any more.
    public var effectivePermissionTexts: [String] {
        guard let ceiling else {
            return permissions.permissions.count == grantedTexts.count
                ? grantedTexts : permissions.permissions.map(\.description)
        }
        let held = permissions.permissions.filter(ceiling.covers)
        let bounded = ceiling.permissions.filter(permissions.covers)
        return PermissionSet(held + bounded).permissions.map(\.description)
    }

    /// Roughly what this takes in memory, in bytes, by an estimate that errs upwards and with room for its forms.
    var approximateBytes: Int {
        let granted = grantedTexts.reduce(0) { $0 + $1.utf8.count + 32 }
        let compiled = (permissions.permissions + (ceiling?.permissions ?? [])).reduce(0) { $0 + $1.bytes.count + 160 }
        let texts = createdBy.name.utf8.count + createdBy.id.utf8.count + organization.slug.utf8.count
        return 640 + 3 * granted + compiled + 3 * texts
    }

    func hasSameContent(as other: SharedFacts) -> Bool {
        isSame(organization, other.organization) && grantedTexts == other.grantedTexts
            && permissions == other.permissions && ceiling == other.ceiling && createdBy == other.createdBy
            && rateLimit == other.rateLimit && pepperID == other.pepperID
    }

    private func isSame(_ one: OrganizationFacts, _ other: OrganizationFacts) -> Bool {
        one === other
            || one.id == other.id && one.slug == other.slug && one.planName == other.planName
                && one.isSuspended == other.isSuspended && one.rateLimit == other.rateLimit
                && one.isStrict == other.isStrict
    }
}

extension SharedFacts {
    /// What another room makes of these facts once, to use it for every answer: fields and bodies ready to be sent.
    open class Forms: @unchecked Sendable {
        // Sound: nothing here can change, and a subclass is to hold constants alone.
        public init() {}
    }

    /// Shows the forms, made by the first who asks. One room only may use them: all get what the first one made.
    public func withForms(_ make: (SharedFacts) -> Forms, _ use: (Forms) -> Void) {
        // Without a count of one's own, which all processors would write to: these facts hold theirs.
        if let known = Self.forms(at: forms.load(ordering: .acquiring)) { return known._withUnsafeGuaranteedRef(use) }
        let made = Unmanaged.passRetained(make(self))
        let (isFirst, other) = forms.compareExchange(
            expected: 0, desired: UInt(bitPattern: made.toOpaque()), ordering: .acquiringAndReleasing)
        guard !isFirst else { return made._withUnsafeGuaranteedRef(use) }
        made.release()
        Self.forms(at: other)?._withUnsafeGuaranteedRef(use)
    }

    private static func forms(at address: UInt) -> Unmanaged<Forms>? {
        UnsafeRawPointer(bitPattern: address).map { .fromOpaque($0) }
    }
}
