import KeybearerVerification

/// Everything that can be written, as a value: the store applies it, memory forgets what it touches.
public enum Change: Sendable {
    case insertOrganization(Organization)
    case updateOrganization(Organization)
    case insertUser(User)
    case updateUser(User)
    case putMember(Member)
    case removeMember(UserID, of: OrganizationID)
    case putRole(CustomRole)
    case removeRole(RoleName, of: OrganizationID)
    case insertKey(APIKey)
    /// Replaces every mutable part of the key, `lastUse` aside.
    case updateKey(APIKey)
    case insertSession(Session)
    case touchSession(SessionID, at: Timestamp)
    case endSession(SessionID)
    /// Ends what the person approved for others too, as far as it waits to be fetched.
    case endSessions(of: UserID, except: SessionID?)
    case insertOperatorToken(OperatorToken)
    case revokeOperatorToken(OperatorTokenID, at: Timestamp)
    case insertInvitation(Invitation)
    case acceptInvitation(InvitationID, at: Timestamp)
    case removeInvitation(InvitationID, of: OrganizationID)
    case insertSignInLink(SignInLink)
    case useSignInLink(KeyDigest, at: Timestamp)
    case insertDeviceLogin(DeviceLogin)
    /// Writes the state; everything else of a login stays as it was started.
    case updateDeviceLogin(DeviceLogin)
    case removeDeviceLogin(KeyDigest)
    case remember(IdempotencyRecord)
    /// Drops sessions, links, device logins, invitations and remembered answers that ended before the moment.
    case forgetExpired(before: Timestamp)
    case appendAudit(AuditEvent)
    /// Drops the chain's events up to the checkpoint and leaves that in their place.
    case pruneAudit(AuditCheckpoint)
    /// Drops counts of hours before the moment, the oldest first and so many at most.
    case pruneUsage(before: Timestamp, limit: Int)
    /// What nodes have to agree on from here on; nothing where there is only one.
    case applyConfiguration(ConfigurationDigest)

    /// What verification must forget once the change is in force; nil where keys are not touched.
    public var cacheEffect: CacheEffect? {
        switch self {
        case .insertKey(let key), .updateKey(let key): .key(key.digest)
        case .updateOrganization(let organization): .organization(organization.id)
        case .putMember(let member): .organization(member.organization)
        case .removeMember(_, let organization), .removeRole(_, let organization): .organization(organization)
        case .putRole(let role): .organization(role.organization)
        case .updateUser, .applyConfiguration: .everything
        case .insertOrganization, .insertUser, .insertSession, .touchSession, .endSession, .endSessions,
            .insertOperatorToken, .revokeOperatorToken, .insertInvitation, .acceptInvitation, .removeInvitation,
            .insertSignInLink, .useSignInLink, .insertDeviceLogin, .updateDeviceLogin, .removeDeviceLogin, .remember,
            .forgetExpired, .appendAudit, .pruneAudit, .pruneUsage:
            nil
        }
    }
}
