/// Everything that a caller can ask for, by whom it may be asked. The raw value is the action's name in the audit log.
///
/// A new case does not compile until `rule` says who may use it, and a route cannot be declared without one.
public enum Operation: String, Sendable, CaseIterable {
    case signIn = "session.create"
    case acceptInvitation = "invitation.accept"
    case openLink = "link.open"
    case verifyKey = "api_key.verify"
    case startDeviceLogin = "device.start"
    case redeemDeviceCode = "device.redeem"

    case showCaller = "me.read"
    case listPermissions = "permission.list"

    case listSessions = "session.list"
    case endSession = "session.end"
    case changePassword = "password.change"
    case decideDeviceLogin = "device.decide"
    case listOwnOrganizations = "organization.list"
    case createOrganization = "organization.create"

    case readOrganization = "organization.read"
    case updateOrganization = "organization.update"
    case listMembers = "member.list"
    case putMember = "member.put"
    case removeMember = "member.remove"
    case listInvitations = "invitation.list"
    case createInvitation = "invitation.create"
    case removeInvitation = "invitation.remove"
    case listRoles = "role.list"
    case putRole = "role.put"
    case removeRole = "role.remove"
    case listAuditEvents = "audit.list"

    case listKeys = "api_key.list"
    case readKey = "api_key.read"
    case createKey = "api_key.create"
    case updateKey = "api_key.update"
    case revokeKey = "api_key.revoke"
    case revokeKeys = "api_key.revoke_many"
    case rotateKey = "api_key.rotate"
    case readUsage = "api_key.usage"
    case explainKey = "api_key.explain"
    case lookUpKey = "api_key.lookup"

    case operatorListOrganizations = "operator.organization.list"
    case operatorPutOrganization = "operator.organization.put"
    case operatorDeleteOrganization = "operator.organization.delete"
    case operatorPutMember = "operator.member.put"
    case operatorRemoveMember = "operator.member.remove"
    case operatorPutUser = "operator.user.put"
    case operatorListPlans = "operator.plan.list"
    case operatorListNodes = "operator.node.list"
    case operatorRevokeKeys = "operator.api_key.revoke"
    case operatorCreateLink = "operator.link.create"
    case applyConfiguration = "configuration.apply"
}

/// Who may use an operation.
public enum Rule: Sendable, Hashable {
    /// No credential is needed; the request itself carries what authorizes it.
    case anyone
    /// Any credential that is valid.
    case anyCredential
    /// A signed-in person, whatever the organization.
    case person
    /// Whoever holds this permission in the organization.
    case permission(BuiltInPermission)
    /// Owners, or holders of these permissions, as `keys.managed_by` says.
    case keyManager([BuiltInPermission])
    case `operator`
}

/// The permissions that Keybearer itself asks for.
public enum BuiltInPermission: String, Sendable, CaseIterable {
    case organizationRead = "organization:read"
    case organizationUpdate = "organization:update"
    case memberRead = "member:read"
    case memberManage = "member:manage"
    case roleRead = "role:read"
    case roleManage = "role:manage"
    case keyRead = "api_key:read"
    case keyCreate = "api_key:create"
    case keyUpdate = "api_key:update"
    case keyRevoke = "api_key:revoke"
    case auditRead = "audit:read"
}

extension Operation {
    public var rule: Rule {
        switch self {
        case .signIn, .acceptInvitation, .openLink, .verifyKey, .startDeviceLogin, .redeemDeviceCode: .anyone
        case .showCaller, .listPermissions: .anyCredential
        case .listSessions, .endSession, .changePassword, .decideDeviceLogin, .listOwnOrganizations,
            .createOrganization:
            .person
        case .readOrganization: .permission(.organizationRead)
        case .updateOrganization: .permission(.organizationUpdate)
        case .listMembers: .permission(.memberRead)
        case .putMember, .removeMember, .listInvitations, .createInvitation, .removeInvitation:
            .permission(.memberManage)
        case .listRoles: .permission(.roleRead)
        case .putRole, .removeRole: .permission(.roleManage)
        case .listAuditEvents: .permission(.auditRead)
        case .listKeys, .readKey, .readUsage, .explainKey: .keyManager([.keyRead])
        case .createKey: .keyManager([.keyCreate])
        case .updateKey: .keyManager([.keyUpdate])
        case .revokeKey, .revokeKeys: .keyManager([.keyRevoke])
        case .rotateKey: .keyManager([.keyCreate, .keyRevoke])
        case .lookUpKey: .permission(.keyRead)
        case .operatorListOrganizations, .operatorPutOrganization, .operatorDeleteOrganization, .operatorPutMember,
            .operatorRemoveMember, .operatorPutUser, .operatorListPlans, .operatorListNodes, .operatorRevokeKeys,
            .operatorCreateLink, .applyConfiguration:
            .operator
        }
    }

    /// Whether the operation leaves everything as it was; a read-only operator token may use only these, and a
    /// suspended organization's people these and the ends of keys and sessions.
    public var isRead: Bool {
        switch self {
        case .showCaller, .listPermissions, .listSessions, .listOwnOrganizations, .readOrganization, .listMembers,
            .listInvitations, .listRoles, .listAuditEvents, .listKeys, .readKey, .readUsage, .explainKey, .lookUpKey,
            .verifyKey, .operatorListOrganizations, .operatorListPlans, .operatorListNodes:
            true
        case .signIn, .acceptInvitation, .openLink, .startDeviceLogin, .redeemDeviceCode, .decideDeviceLogin,
            .endSession, .changePassword, .createOrganization, .updateOrganization, .putMember, .removeMember,
            .createInvitation, .removeInvitation, .putRole,
            .removeRole, .createKey, .updateKey, .revokeKey, .revokeKeys, .rotateKey, .operatorPutOrganization,
            .operatorDeleteOrganization, .operatorPutMember, .operatorRemoveMember, .operatorPutUser,
            .operatorRevokeKeys, .operatorCreateLink, .applyConfiguration:
            false
        }
    }

    /// Whether only a command on the machine can ask for it, and no route leads there.
    public var isLocal: Bool { self == .applyConfiguration }

    /// What the people of a suspended organization may still do.
    var isAllowedWhenSuspended: Bool { isRead || self == .revokeKey || self == .revokeKeys }
}
