import KeybearerAdministration
import KeybearerVerification

/// What only one write transaction at a time may be deciding about. SQLite has one writer anyway; PostgreSQL locks.
///
/// Asked for before the read whose answer has to last until the commit: a quota, the last owner, an audit chain's
/// head, a link that works once.
enum Exclusion: Hashable, Sendable {
    case organization(OrganizationID)
    case organizationNamed(Slug)
    case chain(AuditChain)
    /// What one person may have in all, across organizations.
    case person(UserID)
    case secret(KeyDigest)
    /// Removing what is old: nodes take turns.
    case retention
}
