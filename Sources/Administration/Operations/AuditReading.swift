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
}
