import KeybearerAPI

/// A key that is to be made.
public struct NewKey: Sendable {
    public var name: String
    public var permissions: [String]
    /// Empty allows every address.
    public var allowedIPs: [String]
    /// RFC 3339; nil never expires.
    public var expiresAt: String?
    public var labels: [LabelField]

    public init(
        name: String, permissions: [String] = [], allowedIPs: [String] = [], expiresAt: String? = nil,
        labels: [LabelField] = []
    ) {
        self.name = name
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.expiresAt = expiresAt
        self.labels = labels
    }

    var json: JSON {
        .object(
            JSONObject(present: [
                ("name", .string(name)), ("permissions", JSON(permissions)), ("allowed_ips", JSON(allowedIPs)),
                ("expires_at", expiresAt.map { .string($0) }), ("labels", JSON(labels: labels)),
            ]))
    }
}

/// What of a key is to change; what is absent stays.
public struct KeyChanges: Sendable {
    public var name: String?
    public var permissions: [String]?
    public var allowedIPs: [String]?
    /// `.null` takes the expiry away.
    public var expiresAt: Field<String>
    /// Replaces all labels.
    public var labels: [LabelField]?
    public var enabled: Bool?

    public init(
        name: String? = nil, permissions: [String]? = nil, allowedIPs: [String]? = nil,
        expiresAt: Field<String> = .absent, labels: [LabelField]? = nil, enabled: Bool? = nil
    ) {
        self.name = name
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.expiresAt = expiresAt
        self.labels = labels
        self.enabled = enabled
    }

    var json: JSON {
        let expiry: JSON? =
            switch expiresAt {
            case .absent: nil
            case .null: .null
            case .value(let time): .string(time)
            }
        return .object(
            JSONObject(present: [
                ("name", name.map { .string($0) }), ("permissions", permissions.map { JSON($0) }),
                ("allowed_ips", allowedIPs.map { JSON($0) }), ("expires_at", expiry),
                ("labels", labels.map { JSON(labels: $0) }), ("enabled", enabled.map { .bool($0) }),
            ]))
    }
}

/// Which keys a bulk revocation ends: those that fit every part that is set.
public struct KeyFilter: Sendable {
    public var ids: [String]?
    public var createdBy: String?
    /// `NAME` or `NAME=VALUE`.
    public var label: String?
    /// RFC 3339.
    public var unusedSince: String?

    public init(
        ids: [String]? = nil, createdBy: String? = nil, label: String? = nil, unusedSince: String? = nil
    ) {
        self.ids = ids
        self.createdBy = createdBy
        self.label = label
        self.unusedSince = unusedSince
    }
}

public enum KeyStatusFilter: String, Sendable, CaseIterable { case active, expired, revoked, all }

extension Client {
    /// A key with its plaintext, which is not sent a second time.
    public struct IssuedKey: Sendable {
        public let text: String
        public let key: APIKeyResource
    }

    public func keys(_ status: KeyStatusFilter = .active, pageSize: Int = 100) -> Pages<APIKeyResource> {
        pages(["v1", "api-keys"], [("status", status.rawValue)], size: pageSize)
    }

    public func key(_ id: String) async throws(ClientError) -> APIKeyResource {
        try await resource(APICall("GET", ["v1", "api-keys", id]))
    }

    /// - Throws: `secretLost` where the key was made but its plaintext did not arrive.
    public func createKey(_ key: NewKey) async throws(ClientError) -> IssuedKey {
        try await issued(APICall("POST", ["v1", "api-keys"]).with(key.json).idempotent())
    }

    public func updateKey(_ id: String, _ changes: KeyChanges) async throws(ClientError) -> APIKeyResource {
        try await resource(APICall("PATCH", ["v1", "api-keys", id]).with(changes.json))
    }

    /// Returns once no verification that starts afterwards accepts the key, except where the server says otherwise
    /// (`revocation.isComplete`).
    public func revokeKey(
        _ id: String, reason: String? = nil, cascade: Bool = false
    ) async throws(ClientError) -> RevokedKeyResource {
        let body = JSONObject(present: [("reason", reason.map { .string($0) }), ("cascade", .bool(cascade))])
        return try await resource(APICall("POST", ["v1", "api-keys", id, "revoke"]).with(.object(body)))
    }

    public func revokeKeys(_ filter: KeyFilter, dryRun: Bool) async throws(ClientError) -> BulkRevocationResource {
        let parts = JSONObject(present: [
            ("ids", filter.ids.map { JSON($0) }), ("created_by", filter.createdBy.map { .string($0) }),
            ("label", filter.label.map { .string($0) }), ("unused_since", filter.unusedSince.map { .string($0) }),
        ])
        return try await resource(
            APICall("POST", ["v1", "api-keys", "revoke"]).with(
                ["filter": .object(parts), "dry_run": .bool(dryRun)]))
    }

    /// - Parameter overlapSeconds: how long the old key goes on working: 0…604800; nil is a day.
    /// - Throws: `secretLost` where the key was rotated but the new plaintext did not arrive.
    public func rotateKey(_ id: String, overlapSeconds: Int64? = nil) async throws(ClientError) -> IssuedKey {
        let body = JSONObject(present: [("overlap_seconds", overlapSeconds.map { .integer($0) })])
        return try await issued(
            APICall("POST", ["v1", "api-keys", id, "rotate"]).with(.object(body)).idempotent())
    }

    /// - Parameters:
    ///   - from: RFC 3339; nil leaves the choice to the server.
    ///   - granularity: `hour` or `day`.
    public func usage(
        _ id: String, from: String? = nil, to: String? = nil, granularity: String? = nil
    ) async throws(ClientError) -> UsageResource {
        try await resource(
            APICall("GET", ["v1", "api-keys", id, "usage"]).asking([
                ("from", from), ("to", to), ("granularity", granularity),
            ]))
    }

    public func explain(
        _ id: String, permission: String? = nil, ip: String? = nil
    ) async throws(ClientError) -> ExplanationResource {
        let body = JSONObject(present: [
            ("permission", permission.map { .string($0) }), ("ip", ip.map { .string($0) }),
        ])
        return try await resource(APICall("POST", ["v1", "api-keys", id, "explain"]).with(.object(body)))
    }

    /// The key of the own organization that has this SHA-256.
    ///
    /// - Parameter sha256: 64 hex digits.
    public func lookUpKey(sha256: String) async throws(ClientError) -> APIKeyResource {
        try await resource(APICall("POST", ["v1", "api-keys", "lookup"]).with(["key_sha256": .string(sha256)]))
    }

    private func issued(_ call: APICall) async throws(ClientError) -> IssuedKey {
        let created: CreatedKeyResource = try await resource(call)
        guard let text = created.keyText else { throw .secretLost(id: created.apiKey.id) }
        return IssuedKey(text: text, key: created.apiKey)
    }
}
