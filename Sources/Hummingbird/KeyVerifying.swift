import KeybearerAPI
import KeybearerClient
import KeybearerVerification

/// Decides about keys: a `Verifier` in this process, or a `RemoteVerifier` that asks a server.
public protocol KeyVerifying: Sendable {
    /// Never throws: what cannot be decided is `unavailable`.
    ///
    /// - Parameters:
    ///   - key: exactly as it was presented.
    ///   - permission: what is to be done, such as `project:deploy`; nil only asks whether the key is good.
    ///   - address: the client's; nil where it is not known, which no allowlist accepts.
    ///   - cost: what the request takes from the rate limits: 0…1000.
    func verdict(onKey key: String, permission: String?, address: IPAddress?, cost: Int) async -> KeyVerdict
}

extension RemoteVerifier: KeyVerifying {
    public func verdict(onKey key: String, permission: String?, address: IPAddress?, cost: Int) async -> KeyVerdict {
        do {
            return KeyVerdict(try await verify(key, permission: permission, ip: address?.description, cost: cost))
        } catch {
            // A permission outside the catalogue is one that no key has.
            return error.code == "unknown_permission"
                ? KeyVerdict(code: "insufficient_permissions", identity: nil, limit: nil) : .unavailable
        }
    }
}

extension Verifier: KeyVerifying {
    public func verdict(onKey key: String, permission: String?, address: IPAddress?, cost: Int) async -> KeyVerdict {
        var asked: Permission?
        if let permission {
            asked = Permission(permission)
            guard asked != nil else { return KeyVerdict(code: "insufficient_permissions", identity: nil, limit: nil) }
        }
        guard AccessRequest.allowedCosts.contains(cost) else { return .unavailable }
        let request = AccessRequest(permission: asked, address: address, cost: cost)
        return KeyVerdict(await verify(.text(Array(key.utf8)), request))
    }
}

extension KeyVerdict {
    init(_ answer: VerifyAnswer) {
        var identity: APIKeyIdentity?
        if let key = answer.apiKey, let organization = answer.organization {
            identity = APIKeyIdentity(
                id: key.id, name: key.name, organizationID: organization.id, organization: organization.slug,
                plan: organization.plan, permissions: key.permissions,
                labels: Dictionary(key.labels.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        }
        self.init(
            code: answer.code, identity: identity,
            limit: answer.rateLimit.map {
                Limit(
                    policy: $0.policy, limit: $0.limit, windowSeconds: $0.windowSeconds, remaining: $0.remaining,
                    resetSeconds: $0.resetSeconds)
            })
    }

    init(_ decision: Decision) {
        self.init(
            code: decision.verdict.rawValue, identity: decision.record.map { APIKeyIdentity($0) },
            limit: decision.rateLimit.map {
                Limit(
                    policy: $0.policyName, limit: $0.limit, windowSeconds: $0.windowSeconds, remaining: $0.remaining,
                    resetSeconds: $0.resetSeconds)
            })
    }
}

extension APIKeyIdentity {
    fileprivate init(_ record: KeyRecord) {
        let held = record.permissions.permissions.filter { record.ceiling?.covers($0) ?? true }
        self.init(
            id: record.id.description, name: record.name, organizationID: record.organization.id.description,
            organization: record.organization.slug, plan: record.organization.planName,
            permissions: held.map(\.description),
            labels: Dictionary(record.labels.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    }
}
