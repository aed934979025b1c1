/// A key as lists, answers and the console show it: everything but its secret.
public struct APIKeyResource: Resource {
    public let id: String
    public let name: String
    public let preview: String
    /// `active`, `disabled`, `rotating`, `expired` or `revoked`.
    public let status: String
    public let permissions: [String]
    /// Empty means any address.
    public let allowedIPs: [String]
    public let createdBy: CreatorResource
    public let createdAt: String
    public let expiresAt: String?
    public let lastUsedAt: String?
    public let lastUsedIP: String?
    public let revokedAt: String?
    /// The audit name of whoever revoked, such as `user:usr_…`.
    public let revokedBy: String?
    public let revokeReason: String?
    /// The identifier of the key that this one succeeds.
    public let rotatedFrom: String?
    /// The identifier of the key that succeeds this one.
    public let successor: String?
    public let labels: [LabelField]
    /// Only where the operator gave the key a limit of its own.
    public let rateLimit: RateLimitResource?

    public init(
        id: String, name: String, preview: String, status: String, permissions: [String], allowedIPs: [String],
        createdBy: CreatorResource, createdAt: String, expiresAt: String?, lastUsedAt: String?, lastUsedIP: String?,
        revokedAt: String?, revokedBy: String?, revokeReason: String?, rotatedFrom: String?, successor: String?,
        labels: [LabelField], rateLimit: RateLimitResource? = nil
    ) {
        self.id = id
        self.name = name
        self.preview = preview
        self.status = status
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.lastUsedIP = lastUsedIP
        self.revokedAt = revokedAt
        self.revokedBy = revokedBy
        self.revokeReason = revokeReason
        self.rotatedFrom = rotatedFrom
        self.successor = successor
        self.labels = labels
        self.rateLimit = rateLimit
    }

    public var json: JSON {
        var object: JSONObject = [
            "id": .string(id), "name": .string(name), "preview": .string(preview), "status": .string(status),
            "permissions": JSON(permissions), "allowed_ips": JSON(allowedIPs), "created_by": createdBy.json,
            "created_at": .string(createdAt), "expires_at": JSON(expiresAt), "last_used_at": JSON(lastUsedAt),
            "last_used_ip": JSON(lastUsedIP), "revoked_at": JSON(revokedAt), "revoked_by": JSON(revokedBy),
            "revoke_reason": JSON(revokeReason), "rotated_from": JSON(rotatedFrom), "successor": JSON(successor),
            "labels": JSON(labels: labels),
        ]
        if let rateLimit { object["rate_limit"] = rateLimit.json }
        return .object(object)
    }
}

/// So many requests in a window of so many seconds.
public struct RateLimitResource: Resource {
    public let requests: Int
    public let windowSeconds: Int

    public init(requests: Int, windowSeconds: Int) {
        self.requests = requests
        self.windowSeconds = windowSeconds
    }

    public var json: JSON { ["requests": JSON(requests), "window_seconds": JSON(windowSeconds)] }
}

/// Who made a key.
public struct CreatorResource: Resource {
    /// `user`, `api_key` or `operator`.
    public let type: String
    public let id: String
    public let name: String

    public init(type: String, id: String, name: String) {
        self.type = type
        self.id = id
        self.name = name
    }

    public var json: JSON { ["type": .string(type), "id": .string(id), "name": .string(name)] }
}

/// The answer to creating and rotating. `keyText` is the only place in which a key's plaintext is ever sent.
public struct CreatedKeyResource: Resource {
    /// nil in the replay of an idempotent request.
    public let keyText: String?
    public let apiKey: APIKeyResource

    public init(keyText: String?, apiKey: APIKeyResource) {
        self.keyText = keyText
        self.apiKey = apiKey
    }

    public var json: JSON { ["key": JSON(keyText), "api_key": apiKey.json] }
}

extension JSON {
    /// Labels as an object; the caller answers for distinct names.
    public init(labels: [LabelField]) {
        self = .object(JSONObject(labels.map { ($0.key, .string($0.value)) }))
    }
}
