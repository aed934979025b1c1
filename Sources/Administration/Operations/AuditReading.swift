import KeybearerVerification

extension Administration {
    /// Events of the organization's chain, newest first.
    ///
    /// - Parameter before: the position after which, going back, the page starts.
    public func auditEvents(
        action: String?, actor: String?, target: String? = nil, from: Timestamp?, to: Timestamp?, before: Int64?,
        limit: Int,
        _ permit: OrganizationPermit
    ) async throws -> [AuditEvent] {
        let query = AuditQuery(
            chain: .organization(permit.scope.organization.id), action: action, actor: actor, target: target,
            from: from, to: to)
        return try await ledger.read { try $0.auditEvents(query, before: before, limit: limit) }
    }

    /// What the events' people, keys and invitations are called, by the text in which the log names them: `user:usr_…` and
    /// `usr_…`, `api_key:key_…` and `key_…`, `inv_…`. People who have left keep their names; what belongs to another
    /// organization has none here.
    public func names(in events: [AuditEvent], _ permit: OrganizationPermit) async throws -> [String: String] {
        let organization = permit.scope.organization.id
        let texts = Set(events.flatMap { [$0.actor] + ($0.target.map { [$0] } ?? []) })
        return try await ledger.read { records in
            var names: [String: String] = [:]
            for text in texts {
                let identifier = text.split(separator: ":", maxSplits: 1).last.map(String.init) ?? text
                if let id = UserID(identifier) {
                    names[text] = try records.user(.id(id))?.name
                } else if let id = KeyID(identifier) {
                    names[text] = try records.key(id, of: organization)?.name
                } else if let id = InvitationID(identifier) {
                    names[text] = try records.invitation(id, of: organization)?.email.description
                } else if identifier == organization.description {
                    names[text] = permit.scope.organization.name
                }
            }
            return names
        }
    }
}
