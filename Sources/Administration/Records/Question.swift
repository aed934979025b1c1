import KeybearerVerification

/// A question that is about to be asked. Over a network each question is a way to the database and back; those that were
/// said beforehand go together.
public enum Question: Sendable, Hashable {
    case organization(OrganizationReference)
    case organizations(of: UserID)
    case user(UserReference)
    case member(UserID, of: OrganizationID)
    /// The member by the person's address: `member`, asked afterwards by the identifiers, finds its answer.
    case memberNamed(EmailAddress, of: OrganizationReference)
    case role(RoleName, of: OrganizationID)
    case key(KeyID, of: OrganizationID)
    case quotaUse(of: OrganizationID, at: Timestamp)
    case session(KeyDigest)
    case operatorToken(KeyDigest)
    case idempotencyRecord(KeyDigest)
    case auditHead(of: AuditChain)
}

public protocol ForesightRecords {
    /// Says what will be asked. It changes no answer: whatever asking would keep others from is kept from them before the
    /// first of these is answered, and an answer is forgotten once the transaction writes or excludes more.
    func expect(_ questions: [Question]) throws
}
