import KeybearerVerification

/// One transaction's changes while they are being prepared, audit events in their place among them.
struct Writing {
    let records: any Records
    let now: Timestamp
    private(set) var changes: [Change] = []
    private let trail: AuditTrail
    private var heads: [AuditChain: AuditHead] = [:]
    private var random = SystemRandomNumberGenerator()

    init(_ records: any Records, _ trail: AuditTrail, now: Timestamp) {
        self.records = records
        self.trail = trail
        self.now = now
    }

    mutating func write(_ change: Change) { changes.append(change) }

    /// Links the entry behind its chain's last event, be that stored or of this very transaction.
    mutating func append(_ entry: AuditEntry) throws {
        let head = try heads[entry.chain] ?? records.auditHead(of: entry.chain)
        let event = trail.event(entry, after: head, id: EventID(at: now, using: &random))
        heads[entry.chain] = AuditHead(chain: event.chain, position: event.position, hash: event.hash)
        changes.append(.appendAudit(event))
    }

    /// The event of a change that the permit allowed.
    mutating func audit<Scope>(
        _ permit: Permit<Scope>, in chain: AuditChain, target: String?, _ details: AuditDetails = [:]
    ) throws {
        try append(
            AuditEntry(
                chain: chain, at: now, actor: permit.caller.actor, via: permit.caller.via,
                address: permit.caller.address, action: permit.operation.rawValue, target: target, outcome: "ok",
                count: 1, details: details))
    }

    mutating func audit(_ permit: OrganizationPermit, target: String?, _ details: AuditDetails = [:]) throws {
        try audit(permit, in: .organization(permit.scope.organization.id), target: target, details)
    }
}
