/// The policy as the specification states it, written down a second time and apart from the program: what each
/// operation asks of its caller.
enum Expectation {
    /// Anybody, without a credential.
    case open
    /// Any valid credential, in an organization.
    case anyCredential
    /// A signed-in person, never a key or an operator's token.
    case person
    case permission(String)
    /// Owners; with `keys.managed_by: permission`, holders of all of these.
    case keyManager([String])
    case `operator`

    static let byOperation: [String: Expectation] = [
        "session.create": .open, "invitation.accept": .open, "link.open": .open, "api_key.verify": .open,
        "device.start": .open, "device.redeem": .open, "device.decide": .person,
        "me.read": .anyCredential, "permission.list": .anyCredential,
        "session.list": .person, "session.end": .person, "password.change": .person,
        "organization.list": .person, "organization.create": .person,
        "organization.read": .permission("organization:read"),
        "organization.update": .permission("organization:update"),
        "member.list": .permission("member:read"),
        "member.put": .permission("member:manage"), "member.remove": .permission("member:manage"),
        "invitation.list": .permission("member:manage"), "invitation.create": .permission("member:manage"),
        "invitation.remove": .permission("member:manage"),
        "role.list": .permission("role:read"), "role.put": .permission("role:manage"),
        "role.remove": .permission("role:manage"),
        "audit.list": .permission("audit:read"),
        "api_key.list": .keyManager(["api_key:read"]), "api_key.read": .keyManager(["api_key:read"]),
        "api_key.usage": .keyManager(["api_key:read"]), "api_key.explain": .keyManager(["api_key:read"]),
        "api_key.create": .keyManager(["api_key:create"]), "api_key.update": .keyManager(["api_key:update"]),
        "api_key.revoke": .keyManager(["api_key:revoke"]), "api_key.revoke_many": .keyManager(["api_key:revoke"]),
        "api_key.rotate": .keyManager(["api_key:create", "api_key:revoke"]),
        "api_key.lookup": .permission("api_key:read"),
        "operator.organization.list": .operator, "operator.organization.put": .operator,
        "operator.organization.delete": .operator, "operator.member.put": .operator,
        "operator.member.remove": .operator, "operator.user.put": .operator, "operator.plan.list": .operator,
        "operator.node.list": .operator, "operator.api_key.revoke": .operator, "operator.link.create": .operator,
    ]

    /// Operations that only look.
    static let reads: Set<String> = [
        "me.read", "permission.list", "session.list", "organization.list", "organization.read", "member.list",
        "invitation.list", "role.list", "audit.list", "api_key.list", "api_key.read", "api_key.usage",
        "api_key.explain", "api_key.lookup", "api_key.verify", "operator.organization.list", "operator.plan.list",
        "operator.node.list",
    ]
}

/// Somebody who asks, with what they hold.
struct Asker {
    enum Kind {
        case nobody, person, key, `operator`, readOnlyOperator
        /// A person of another organization, who names this one.
        case stranger
    }

    let name: String
    let kind: Kind
    let isOwner: Bool
    /// Everything they hold, as `resource:action`; `*:*` for an owner.
    let permissions: Set<String>
    let headers: [(String, String)]

    func holds(_ permission: String) -> Bool {
        let resource = permission.split(separator: ":")[0]
        return permissions.contains(permission) || permissions.contains("\(resource):*") || permissions.contains("*:*")
    }
}

/// What has to come back.
enum Outcome: Equatable {
    /// Neither 401 nor 403: the request reached its operation.
    case allowed
    case refused(status: Int, code: String)

    static func expected(_ operation: String, _ expectation: Expectation, _ asker: Asker, ownersManageKeys: Bool)
        -> Outcome
    {
        let isRead = Expectation.reads.contains(operation)
        switch (asker.kind, expectation) {
        case (_, .open): return .allowed
        case (.nobody, _): return .refused(status: 401, code: "missing")
        case (.person, .person), (.stranger, .person): return .allowed
        case (_, .person): return .refused(status: 403, code: "user_login_required")
        case (.readOnlyOperator, _) where !isRead: return .refused(status: 403, code: "read_only")
        case (.operator, _), (.readOnlyOperator, _): return .allowed
        case (_, .operator): return .refused(status: 403, code: "operator_required")
        case (.stranger, _): return .refused(status: 404, code: "not_found")
        case (_, .anyCredential): return .allowed
        case (_, .permission(let permission)):
            return asker.holds(permission)
                ? .allowed : .refused(status: 403, code: "insufficient_permissions")
        case (_, .keyManager(let permissions)):
            if ownersManageKeys {
                return asker.isOwner ? .allowed : .refused(status: 403, code: "owner_required")
            }
            return permissions.allSatisfy(asker.holds)
                ? .allowed : .refused(status: 403, code: "insufficient_permissions")
        }
    }
}
