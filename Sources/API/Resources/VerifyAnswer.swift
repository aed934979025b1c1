/// The answer of `POST /v1/verify`, whatever the verdict.
public struct VerifyAnswer: Resource {
    /// What a caller learns of the key; present whenever the key is known.
    public struct Key: Resource {
        public let id: String
        public let name: String
        public let preview: String
        public let permissions: [String]
        public let labels: [LabelField]
        public let expiresAt: String?
        public let createdBy: CreatorResource

        public init(
            id: String, name: String, preview: String, permissions: [String], labels: [LabelField],
            expiresAt: String?, createdBy: CreatorResource
        ) {
            self.id = id
            self.name = name
            self.preview = preview
            self.permissions = permissions
            self.labels = labels
            self.expiresAt = expiresAt
            self.createdBy = createdBy
        }

        public var json: JSON {
            [
                "id": .string(id), "name": .string(name), "preview": .string(preview),
                "permissions": JSON(permissions), "labels": JSON(labels: labels), "expires_at": JSON(expiresAt),
                "created_by": createdBy.json,
            ]
        }
    }

    public struct Organization: Resource {
        public let id: String
        public let slug: String
        public let plan: String

        public init(id: String, slug: String, plan: String) {
            self.id = id
            self.slug = slug
            self.plan = plan
        }

        public var json: JSON { ["id": .string(id), "slug": .string(slug), "plan": .string(plan)] }
    }

    public struct RateLimit: Resource {
        public let policy: String
        public let limit: Int
        public let windowSeconds: Int
        public let remaining: Int
        /// Until the window ends.
        public let resetSeconds: Int

        public init(policy: String, limit: Int, windowSeconds: Int, remaining: Int, resetSeconds: Int) {
            self.policy = policy
            self.limit = limit
            self.windowSeconds = windowSeconds
            self.remaining = remaining
            self.resetSeconds = resetSeconds
        }

        public var json: JSON {
            [
                "policy": .string(policy), "limit": JSON(limit), "window_seconds": JSON(windowSeconds),
                "remaining": JSON(remaining), "reset_seconds": JSON(resetSeconds),
            ]
        }
    }

    public let code: String
    public let requestID: String
    public let revision: Int64
    public let apiKey: Key?
    public let organization: Organization?
    /// Present wherever a policy was consulted.
    public let rateLimit: RateLimit?

    public init(
        code: String, requestID: String, revision: Int64, apiKey: Key?, organization: Organization?,
        rateLimit: RateLimit?
    ) {
        self.code = code
        self.requestID = requestID
        self.revision = revision
        self.apiKey = apiKey
        self.organization = organization
        self.rateLimit = rateLimit
    }

    public var json: JSON {
        var object: JSONObject = [
            "valid": .bool(code == "valid"), "code": .string(code), "request_id": .string(requestID),
            "revision": .integer(revision),
        ]
        object["api_key"] = apiKey?.json
        object["organization"] = organization?.json
        object["rate_limit"] = rateLimit?.json
        return .object(object)
    }
}
