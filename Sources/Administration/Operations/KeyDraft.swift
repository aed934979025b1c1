import KeybearerVerification

/// A key as somebody asks for it, not yet checked.
public struct KeyDraft: Sendable {
    public var name: String
    public var permissions: [String]
    public var allowedIPs: [String]
    public var expiresAt: String?
    public var labels: [(String, String)]

    public init(
        name: String, permissions: [String], allowedIPs: [String] = [], expiresAt: String? = nil,
        labels: [(String, String)] = []
    ) {
        self.name = name
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.expiresAt = expiresAt
        self.labels = labels
    }
}

/// What is to change about a key; nil leaves a part as it is.
public struct KeyPatch: Sendable {
    public var name: String?
    public var permissions: [String]?
    public var allowedIPs: [String]?
    /// `.some(nil)` takes the expiry away.
    public var expiresAt: String??
    public var labels: [(String, String)]?
    public var enabled: Bool?
    /// The operator only; `.some(nil)` returns to the plan's limit.
    public var rateLimit: (requests: Int, windowSeconds: Int)??

    public init(
        name: String? = nil, permissions: [String]? = nil, allowedIPs: [String]? = nil, expiresAt: String?? = nil,
        labels: [(String, String)]? = nil, enabled: Bool? = nil,
        rateLimit: (requests: Int, windowSeconds: Int)?? = nil
    ) {
        self.name = name
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.expiresAt = expiresAt
        self.labels = labels
        self.enabled = enabled
        self.rateLimit = rateLimit
    }
}

/// A draft that has passed every check.
struct CheckedDraft: Sendable {
    let name: String
    let permissions: PermissionSet
    let allowedIPs: [CIDRBlock]
    let expiresAt: Timestamp?
    let labels: [APIKey.Label]
}

extension Validation {
    /// Checks in the order of the contract: name, permissions, escalation, addresses, expiry, labels. The first
    /// failing check names the code; all faulty fields are reported together.
    func check(_ draft: KeyDraft, authority: Authority, now: Timestamp) throws -> CheckedDraft {
        let name = name(draft.name)
        let permissions = permissions(draft.permissions)
        let addresses = allowedIPs(draft.allowedIPs)
        let expiry = expiry(draft.expiresAt, now: now)
        let labels = labels(draft.labels)
        let early = name.faults + permissions.faults
        let faults = early + addresses.faults + expiry.faults + labels.faults
        if early.isEmpty, let given = permissions.value { try authority.mustHold(given) }
        guard faults.isEmpty else { throw Failure(faults: faults) }
        let checked = CheckedDraft(
            name: try name.get(), permissions: try permissions.get(), allowedIPs: try addresses.get(),
            expiresAt: try expiry.get(), labels: try labels.get())
        try authority.mustBound(addresses: checked.allowedIPs, expiresAt: checked.expiresAt)
        return checked
    }
}

extension Authority {
    /// A key that makes or changes keys gives them no address and no time that it does not have itself.
    ///
    /// - Throws: `Failure` `permission_escalation`.
    func mustBound(addresses: [CIDRBlock], expiresAt: Timestamp?) throws {
        guard let parentKey else { return }
        if !parentKey.allowedIPs.isEmpty {
            let isInside =
                !addresses.isEmpty
                && addresses.allSatisfy { block in parentKey.allowedIPs.contains { $0.covers(block) } }
            guard isInside else {
                throw Failure(
                    .permissionEscalation,
                    "A key may be used only from addresses that its maker is allowed: allowed_ips.")
            }
        }
        if let bound = parentKey.expiresAt {
            guard let expiresAt, expiresAt <= bound else {
                throw Failure(.permissionEscalation, "A key may not outlive its maker: expires_at.")
            }
        }
    }
}
