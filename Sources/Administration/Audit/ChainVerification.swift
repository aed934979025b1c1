import KeybearerVerification

/// What recomputing the audit chains found.
public enum ChainVerdict: Sendable, Hashable {
    case intact(events: Int64)
    /// The first event whose place, predecessor or hash is wrong.
    case broken(chain: AuditChain, position: Int64, reason: String)
    /// A head that was kept elsewhere is not in the chain: events were cut off or replaced.
    case truncated(head: AuditHead)
    /// A head that was kept elsewhere lies before what was pruned, so that nothing can be said of it.
    case pruned(head: AuditHead, upTo: AuditCheckpoint)
}

extension AuditTrail {
    /// Recomputes every chain from its first event, or from the checkpoint that pruning has left.
    ///
    /// - Parameters:
    ///   - kept: heads noted earlier, each of which must still be part of its chain.
    ///   - progress: called with the number of events done so far.
    public func verify(_ ledger: any Ledger, against kept: [AuditHead], progress: @Sendable (Int64) -> Void)
        async throws -> ChainVerdict
    {
        var total: Int64 = 0
        let heads = try await ledger.read { try $0.auditHeads() }
        for missing in kept where !heads.contains(where: { $0.chain == missing.chain }) {
            return .truncated(head: missing)
        }
        for head in heads {
            var expectations = Dictionary(
                kept.filter { $0.chain == head.chain }.map { ($0.position, $0) }, uniquingKeysWith: { $1 })
            var previous = AuditHead(chain: head.chain, position: 0, hash: .genesis)
            while true {
                let after = previous.position
                let (checkpoint, events) = try await ledger.read { records in
                    (
                        try records.auditCheckpoint(of: head.chain),
                        try records.auditEvents(of: head.chain, after: after, limit: 500)
                    )
                }
                // At the beginning, or where somebody prunes while the chain is read.
                if let checkpoint, checkpoint.position > after {
                    guard holds(checkpoint) else {
                        return .broken(
                            chain: head.chain, position: checkpoint.position, reason: "its checkpoint was altered")
                    }
                    if let expected = expectations.removeValue(forKey: checkpoint.position),
                        expected.hash != checkpoint.hash
                    {
                        return .truncated(head: expected)
                    }
                    if let gone = expectations.values.first(where: { $0.position < checkpoint.position }) {
                        return .pruned(head: gone, upTo: checkpoint)
                    }
                    previous = checkpoint.head
                    continue
                }
                guard after < head.position else { break }
                guard !events.isEmpty else {
                    return .broken(chain: head.chain, position: after + 1, reason: "the event is missing")
                }
                for event in events {
                    if let reason = fault(of: event, after: previous) {
                        return .broken(chain: head.chain, position: previous.position + 1, reason: reason)
                    }
                    previous = AuditHead(chain: event.chain, position: event.position, hash: event.hash)
                    if let expected = expectations.removeValue(forKey: event.position), expected.hash != event.hash {
                        return .truncated(head: expected)
                    }
                    total += 1
                }
                progress(total)
            }
            if let unseen = expectations.values.first { return .truncated(head: unseen) }
        }
        return .intact(events: total)
    }

    func fault(of event: AuditEvent, after previous: AuditHead) -> String? {
        if event.position != previous.position + 1 { return "the event before \(event.position) is missing" }
        if event.previous != previous.hash { return "event \(event.id) does not name its predecessor's hash" }
        if link(event) != event.hash { return "event \(event.id) was altered" }
        return nil
    }
}
