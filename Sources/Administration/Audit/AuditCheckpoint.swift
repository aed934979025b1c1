import KeybearerVerification

/// What pruning leaves of a chain's beginning: the last event that is gone, sealed like a link of the chain.
///
/// The first event that is left names this hash as its predecessor's, so the chain goes on unbroken. Where the audit log
/// has a secret nobody else can move the checkpoint; without one, a head that was kept elsewhere shows it.
public struct AuditCheckpoint: Sendable, Hashable {
    public let chain: AuditChain
    /// Of the last event that was removed.
    public let position: Int64
    public let hash: ChainHash
    /// When it was removed.
    public let at: Timestamp
    public let seal: ChainHash

    public init(chain: AuditChain, position: Int64, hash: ChainHash, at: Timestamp, seal: ChainHash) {
        self.chain = chain
        self.position = position
        self.hash = hash
        self.at = at
        self.seal = seal
    }

    var head: AuditHead { AuditHead(chain: chain, position: position, hash: hash) }
}

extension AuditTrail {
    /// The checkpoint that takes the place of everything up to `event`.
    func checkpoint(upTo event: AuditEvent, at now: Timestamp) -> AuditCheckpoint {
        AuditCheckpoint(
            chain: event.chain, position: event.position, hash: event.hash, at: now,
            seal: seal(event.chain, event.position, event.hash, now))
    }

    /// Whether it was made by somebody with this trail's secret.
    func holds(_ checkpoint: AuditCheckpoint) -> Bool {
        seal(checkpoint.chain, checkpoint.position, checkpoint.hash, checkpoint.at) == checkpoint.seal
    }

    private func seal(_ chain: AuditChain, _ position: Int64, _ hash: ChainHash, _ at: Timestamp) -> ChainHash {
        let text = "keybearer.audit.checkpoint.1,\(chain),\(position),\(at.microseconds)"
        return authenticate(hash.bytes + Array(text.utf8))
    }
}
