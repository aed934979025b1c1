import KeybearerVerification
import Logging

/// How long is kept what grows with time.
public struct Retention: Sendable, Hashable {
    /// Days of hourly usage; nil for ever.
    public let usageDays: Int?
    /// Days of audit events; nil for ever.
    public let auditDays: Int?

    public init(usageDays: Int? = 400, auditDays: Int? = nil) {
        self.usageDays = usageDays
        self.auditDays = auditDays
    }
}

extension Administration {
    /// Removes what is older than the configuration keeps, a little in each transaction and with pauses, so that nobody
    /// waits for it. Every node may do it; they take turns.
    public func prune() async {
        let now = clock.now()
        do {
            if let days = rules.retention.usageDays { try await pruneUsage(before: now.adding(days: -days)) }
            if let days = rules.retention.auditDays { try await pruneAudit(before: now.adding(days: -days), now) }
            try await ledger.trimLog(before: now.adding(days: -1))
        } catch is CancellationError {
            return
        } catch {
            logger.warning("old usage and audit events could not be removed: tried again in ten minutes")
        }
    }

    private static var pause: Duration { .milliseconds(20) }

    private func pruneUsage(before moment: Timestamp) async throws {
        while try await ledger.read({ try $0.hasUsage(before: moment) }) {
            _ = try await ledger.commit { _ in Prepared([.pruneUsage(before: moment, limit: 1000)], ()) }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func pruneAudit(before moment: Timestamp, _ now: Timestamp) async throws {
        var removed: Int64 = 0
        while try await ledger.read({ try !$0.auditChains(beginningBefore: moment, limit: 1).isEmpty }) {
            let batch = try await ledger.commit { [self] records in
                var batch = Batch()
                for chain in try records.auditChains(beginningBefore: moment, limit: 10) {
                    try prepare(&batch, chain, before: moment, now, records)
                }
                return Prepared(batch.changes, batch)
            }.value
            removed += batch.count
            for fault in batch.faults { logger.error("audit log: \(fault); its old events are not removed") }
            guard !batch.changes.isEmpty else { break }
            try await Task.sleep(for: Self.pause)
        }
        if removed > 0 { logger.info("\(removed) audit events older than \(moment) were removed") }
    }

    private struct Batch: Sendable {
        var changes: [Change] = []
        var count: Int64 = 0
        var faults: [String] = []
    }

    /// The oldest events of a chain, as far as they are old and hold: what was tampered with stays to be looked at.
    private func prepare(
        _ batch: inout Batch, _ chain: AuditChain, before moment: Timestamp, _ now: Timestamp, _ records: any Records
    ) throws {
        var previous = AuditHead(chain: chain, position: 0, hash: .genesis)
        if let checkpoint = try records.auditCheckpoint(of: chain) {
            guard trail.holds(checkpoint) else {
                batch.faults.append("the checkpoint of chain \(chain) was altered")
                return
            }
            previous = checkpoint.head
        }
        var last: AuditEvent?
        for event in try records.auditEvents(of: chain, after: previous.position, limit: 100) {
            guard event.at < moment else { break }
            if let reason = trail.fault(of: event, after: previous) {
                batch.faults.append("chain \(chain): \(reason)")
                break
            }
            previous = AuditHead(chain: chain, position: event.position, hash: event.hash)
            last = event
            batch.count += 1
        }
        if let last { batch.changes.append(.pruneAudit(trail.checkpoint(upTo: last, at: now))) }
    }
}

extension Timestamp {
    fileprivate func adding(days: Int) -> Timestamp { adding(seconds: Int64(days) * 86_400) }
}
