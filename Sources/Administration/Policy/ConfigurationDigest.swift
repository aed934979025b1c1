import Crypto
import KeybearerVerification

/// What nodes that share a database have to agree on, as 32 bytes: two that decide by the same rules have the same.
public struct ConfigurationDigest: Sendable, Hashable {
    public let bytes: [UInt8]

    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    fileprivate init(of parts: [String]) {
        var hash = SHA256()
        for part in parts {
            let text = Array(part.utf8)
            hash.update(data: Array("\(text.count):".utf8))
            hash.update(data: text)
        }
        bytes = Array(hash.finalize())
    }

    /// Enough of it to tell two apart, for people.
    public var name: String { String(ChainHash(trusted: bytes).hex.prefix(12)) }
}

extension Rules {
    /// Over everything here that changes a decision or what is written: catalogue, roles with what they come to, plans,
    /// the keys' rules, who may create organizations, peppers and the audit log's secret. Where people reach a node,
    /// how fast one organization may call it, and how long what is kept may differ between nodes.
    ///
    /// - Parameter others: what a program decides by beside the rules, in an order that is always the same.
    public func digest(and others: [String] = []) -> ConfigurationDigest {
        var parts = ["keybearer.configuration.1"]
        func section(_ name: String, _ items: [String]) { parts += ["\(name) \(items.count)"] + items }
        section("resources", catalogue.resources.map { "\($0.name):\($0.actions.sorted().joined(separator: ","))" })
        section(
            "roles",
            roles.map { role, permissions in
                let texts = Set(permissions.permissions.map(\.description))
                return "\(role)=\(texts.sorted().joined(separator: ","))"
            }.sorted())
        section("plans", plans.values.sorted { $0.name < $1.name }.map(\.canonicalText))
        section(
            "keys", [keyFormat.prefix, keyManagement.rawValue, ceiling.rawValue, acceptsCIDR ? "cidr" : "addresses"])
        section(
            "self-service",
            [selfService.isEnabled ? "open" : "closed", selfService.defaultPlan, String(selfService.perPerson)])
        section("secrets", secretMarks)
        section("others", others)
        return ConfigurationDigest(of: parts)
    }

    /// What only somebody with the same secrets comes to.
    private var secretMarks: [String] {
        let subject = KeyDigest(ofText: Array("keybearer.configuration.mark".utf8))
        let trail = auditSecret.map { secret in
            let mark = HMAC<SHA256>.authenticationCode(
                for: Array("keybearer.configuration.mark".utf8), using: SymmetricKey(data: secret))
            return ChainHash(trusted: Array(mark)).hex
        }
        return peppers.candidates(subject).map { "\($0.pepperID ?? "-")=\(ChainHash(trusted: $0.bytes).hex)" } + [
            trail ?? "-"
        ]
    }
}

extension Plan {
    fileprivate var canonicalText: String {
        let limits = [rateLimit, organizationRateLimit].map { policy in
            policy.map { "\($0.requests)/\($0.windowSeconds)" } ?? "-"
        }
        let keys = activeKeys.map { String($0) } ?? "unlimited"
        // Where nothing new is set, the digest is that of earlier versions.
        let strictness = isStrict ? ["strict"] : []
        return ([name, keys, Set(features).sorted().joined(separator: ",")] + limits + strictness)
            .joined(separator: ";")
    }
}
