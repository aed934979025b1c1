import KeybearerVerification

/// What recomputing the newest part of one organization's chain found.
public struct ChainStatus: Sendable, Hashable {
    /// nil while nothing has happened yet.
    public let head: AuditHead?
    /// How many events were recomputed.
    public let checked: Int64
    /// The first position at which the chain does not hold.
    public let brokenAt: Int64?
}

extension Administration {
    /// The newest link of the organization's chain.
    public func auditHead(_ permit: OrganizationPermit) async throws -> AuditHead? {
        let chain = AuditChain.organization(permit.scope.organization.id)
        return try await ledger.read { try $0.auditHead(of: chain) }
    }

    /// Recomputes the newest events of the organization's chain, so that somebody who may read it can see it hold.
    ///
    /// - Parameter limit: how many events; the whole chain is for `keybearer audit verify`.
    public func checkChain(newest limit: Int64, _ permit: OrganizationPermit) async throws -> ChainStatus {
        let chain = AuditChain.organization(permit.scope.organization.id)
        guard let head = try await auditHead(permit) else { return ChainStatus(head: nil, checked: 0, brokenAt: nil) }
        var previous = AuditHead(chain: chain, position: max(0, head.position - limit), hash: .genesis)
        let checkpoint = try await ledger.read { try $0.auditCheckpoint(of: chain) }
        if let checkpoint, checkpoint.position >= previous.position {
            guard trail.holds(checkpoint) else {
                return ChainStatus(head: head, checked: 0, brokenAt: checkpoint.position)
            }
            previous = checkpoint.head
        } else if previous.position > 0 {
            let before = previous.position - 1
            guard let base = try await ledger.read({ try $0.auditEvents(of: chain, after: before, limit: 1) }).first,
                base.position == previous.position
            else { return ChainStatus(head: head, checked: 0, brokenAt: previous.position) }
            previous = AuditHead(chain: chain, position: base.position, hash: base.hash)
        }
        var checked: Int64 = 0
        while previous.position < head.position {
            let after = previous.position
            let events = try await ledger.read { try $0.auditEvents(of: chain, after: after, limit: 500) }
            guard !events.isEmpty else { return ChainStatus(head: head, checked: checked, brokenAt: after + 1) }
            for event in events {
                guard trail.fault(of: event, after: previous) == nil else {
                    return ChainStatus(head: head, checked: checked, brokenAt: previous.position + 1)
                }
                previous = AuditHead(chain: chain, position: event.position, hash: event.hash)
                checked += 1
            }
        }
        return ChainStatus(head: head, checked: checked, brokenAt: nil)
    }
}
