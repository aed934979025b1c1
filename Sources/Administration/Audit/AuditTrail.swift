import Crypto
import KeybearerVerification

/// The hash chain: every event's hash covers the previous one and a canonical encoding of its own parts.
///
/// With a secret the links are HMAC-SHA-256, so that whoever can write the database still cannot forge a chain.
public struct AuditTrail: Sendable {
    private let secret: SymmetricKey?

    public init(secret: [UInt8]?) { self.secret = secret.map { SymmetricKey(data: $0) } }

    /// The event that follows `head`, or that starts the chain where there is none.
    func event(_ entry: AuditEntry, after head: AuditHead?, id: EventID) -> AuditEvent {
        let unlinked = AuditEvent(
            id: id, chain: entry.chain, position: (head?.position ?? 0) + 1, at: entry.at, actor: entry.actor,
            via: entry.via, address: entry.address, action: entry.action, target: entry.target,
            outcome: entry.outcome, count: entry.count, details: entry.details.canonicalText,
            previous: head?.hash ?? .genesis, hash: .genesis)
        return unlinked.with(hash: link(unlinked))
    }

    /// What `event.hash` has to be.
    public func link(_ event: AuditEvent) -> ChainHash {
        authenticate(Self.canonicalEncoding(of: event))
    }

    /// SHA-256, or HMAC-SHA-256 where there is a secret.
    func authenticate(_ bytes: [UInt8]) -> ChainHash {
        guard let secret else { return ChainHash(trusted: Array(SHA256.hash(data: bytes))) }
        return ChainHash(trusted: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: secret)))
    }

    /// The previous hash, then every part as a 4-byte big-endian length and its UTF-8; an absent part has the
    /// length 0xffffffff, so that it differs from an empty one.
    static func canonicalEncoding(of event: AuditEvent) -> [UInt8] {
        var bytes = event.previous.bytes
        let parts: [String?] = [
            "keybearer.audit.1", event.id.description, event.chain.description, String(event.position),
            String(event.at.microseconds), event.actor, event.via, event.address?.description, event.action,
            event.target, event.outcome, String(event.count), event.details,
        ]
        for part in parts {
            let length = part.map { UInt32($0.utf8.count) } ?? .max
            withUnsafeBytes(of: length.bigEndian) { bytes += $0 }
            if let part { bytes += part.utf8 }
        }
        return bytes
    }
}

/// An event before it has its place in a chain.
struct AuditEntry: Sendable {
    let chain: AuditChain
    let at: Timestamp
    let actor: String
    let via: String?
    let address: IPAddress?
    let action: String
    let target: String?
    let outcome: String
    let count: Int64
    let details: AuditDetails
}

extension AuditEvent {
    fileprivate func with(hash: ChainHash) -> AuditEvent {
        AuditEvent(
            id: id, chain: chain, position: position, at: at, actor: actor, via: via, address: address,
            action: action, target: target, outcome: outcome, count: count, details: details, previous: previous,
            hash: hash)
    }
}
