import KeybearerVerification

/// Who asks: exactly one principal, found from the credential alone and never from a body or a path.
public struct Caller: Sendable {
    public enum Principal: Sendable {
        case anonymous
        case person(User, Session)
        case apiKey(KeyRecord)
        case `operator`(OperatorToken)
        /// The operator acting as a member (`Keybearer-On-Behalf-Of`), under that member's policy.
        case onBehalf(User, OperatorToken)
        /// A command run on the machine itself, by whoever may write the database's file.
        case local(command: String)
    }

    public let principal: Principal
    /// Where the request came from; nil on a Unix socket or for a local command.
    public let address: IPAddress?
    /// The organization that the request names, or that the credential is bound to; nil where it names none.
    public let organization: OrganizationReference?

    public init(_ principal: Principal, address: IPAddress?, organization: OrganizationReference?) {
        self.principal = principal
        self.address = address
        self.organization = organization
    }

    /// The name in the audit log.
    public var actor: String {
        switch principal {
        case .anonymous: "anonymous"
        case .person(let user, _), .onBehalf(let user, _): "user:\(user.id)"
        case .apiKey(let record): "api_key:\(record.id)"
        case .operator(let token): "operator:\(token.name)"
        case .local(let command): "local:\(command)"
        }
    }

    public var via: String? {
        switch principal {
        case .person(_, let session): session.viaOperator.map { "operator:\($0)" }
        case .onBehalf(_, let token): "operator:\(token.name)"
        case .anonymous, .apiKey, .operator, .local: nil
        }
    }

    var isOperator: Bool {
        switch principal {
        case .operator, .local: true
        case .anonymous, .person, .apiKey, .onBehalf: false
        }
    }

    /// How keys name the caller as their creator.
    var creator: Creator {
        switch principal {
        case .person(let user, _), .onBehalf(let user, _):
            Creator(kind: .user, id: user.id.description, name: user.name)
        case .apiKey(let record): Creator(kind: .apiKey, id: record.id.description, name: record.name)
        case .operator(let token): Creator(kind: .operator, id: token.id.description, name: token.name)
        case .local(let command): Creator(kind: .operator, id: "local", name: command)
        case .anonymous: Creator(kind: .operator, id: "anonymous", name: "anonymous")
        }
    }
}

/// What a caller may do in one organization at one moment.
public struct Authority: Sendable {
    public let permissions: PermissionSet
    public let role: RoleName?
    /// Set for a key: what it makes is bounded by its own addresses and expiry too.
    let parentKey: APIKey?
    /// The operator may do anything and give anything.
    public let isUnbounded: Bool

    public var isOwner: Bool { isUnbounded || role == .owner }

    /// - Throws: `Failure` `permission_escalation` naming what exceeds.
    func mustHold(_ given: PermissionSet) throws {
        guard !isUnbounded else { return }
        let exceeding = permissions.exceeding(given)
        guard exceeding.isEmpty else {
            let names = exceeding.map(\.description).joined(separator: ", ")
            throw Failure(.permissionEscalation, "You cannot give what you do not hold yourself: \(names).")
        }
    }
}
