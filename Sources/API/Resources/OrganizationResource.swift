/// A customer of the operator's product.
public struct OrganizationResource: Resource {
    public let id: String
    public let name: String
    public let slug: String
    public let plan: String
    public let quota: QuotaResource
    public let features: [String]
    public let isSuspended: Bool
    public let createdAt: String

    public init(
        id: String, name: String, slug: String, plan: String, quota: QuotaResource, features: [String],
        isSuspended: Bool, createdAt: String
    ) {
        self.id = id
        self.name = name
        self.slug = slug
        self.plan = plan
        self.quota = quota
        self.features = features
        self.isSuspended = isSuspended
        self.createdAt = createdAt
    }

    public var json: JSON {
        [
            "id": .string(id), "name": .string(name), "slug": .string(slug), "plan": .string(plan),
            "quota": quota.json, "features": JSON(features), "suspended": .bool(isSuspended),
            "created_at": .string(createdAt),
        ]
    }
}

/// How many keys count, and how many may.
public struct QuotaResource: Resource {
    public let activeKeys: Int
    /// nil means unlimited.
    public let limit: Int?
    /// Named where the quota is the reason for a refusal.
    public let plan: String?

    public init(activeKeys: Int, limit: Int?, plan: String? = nil) {
        self.activeKeys = activeKeys
        self.limit = limit
        self.plan = plan
    }

    public var json: JSON {
        var object: JSONObject = ["active_keys": JSON(activeKeys), "limit": JSON(limit)]
        if let plan { object.append("plan", .string(plan)) }
        return .object(object)
    }
}

/// A plan of the configuration.
public struct PlanResource: Resource {
    public let name: String
    /// nil means unlimited.
    public let activeKeys: Int?
    public let features: [String]
    /// nil means no rate limit.
    public let rateLimit: (requests: Int, windowSeconds: Int)?

    public init(
        name: String, activeKeys: Int?, features: [String], rateLimit: (requests: Int, windowSeconds: Int)?
    ) {
        self.name = name
        self.activeKeys = activeKeys
        self.features = features
        self.rateLimit = rateLimit
    }

    public var json: JSON {
        let policy = rateLimit.map { limit -> JSON in
            ["requests": JSON(limit.requests), "window_seconds": JSON(limit.windowSeconds)]
        }
        return [
            "name": .string(name), "active_keys": JSON(activeKeys), "features": JSON(features),
            "rate_limit": policy ?? .null,
        ]
    }
}

/// A process that answers verifications.
public struct NodeResource: Resource {
    public let name: String
    /// `live`, or `dead` once its lease has run out.
    public let status: String
    /// The newest revision that the node has applied.
    public let acknowledgedRevision: Int64
    public let lastSeenAt: String

    public init(name: String, status: String, acknowledgedRevision: Int64, lastSeenAt: String) {
        self.name = name
        self.status = status
        self.acknowledgedRevision = acknowledgedRevision
        self.lastSeenAt = lastSeenAt
    }

    public var json: JSON {
        [
            "name": .string(name), "status": .string(status),
            "acknowledged_revision": .integer(acknowledgedRevision), "last_seen_at": .string(lastSeenAt),
        ]
    }
}
