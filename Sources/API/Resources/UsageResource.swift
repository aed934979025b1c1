/// What a key was used for within a span of time.
public struct UsageResource: Resource {
    /// The counts of one hour or day, by outcome; outcomes that did not occur are left out.
    public struct Bucket: Resource {
        public let start: String
        public let counts: [(code: String, count: Int64)]

        public init(start: String, counts: [(code: String, count: Int64)]) {
            self.start = start
            self.counts = counts
        }

        public var json: JSON { ["start": .string(start), "counts": UsageResource.object(counts)] }
    }

    /// A granted permission and the hour of its last use; nil where it was never used.
    public struct PermissionUse: Resource {
        public let permission: String
        public let lastUsedAt: String?

        public init(permission: String, lastUsedAt: String?) {
            self.permission = permission
            self.lastUsedAt = lastUsedAt
        }

        public var json: JSON { ["permission": .string(permission), "last_used_at": JSON(lastUsedAt)] }
    }

    public struct Denial: Resource {
        public let at: String
        public let code: String
        public let ip: String?
        public let permission: String?

        public init(at: String, code: String, ip: String?, permission: String?) {
            self.at = at
            self.code = code
            self.ip = ip
            self.permission = permission
        }

        public var json: JSON {
            ["at": .string(at), "code": .string(code), "ip": JSON(ip), "permission": JSON(permission)]
        }
    }

    public let from: String
    public let to: String
    /// `hour` or `day`.
    public let granularity: String
    /// The sums of all buckets.
    public let totals: [(code: String, count: Int64)]
    public let buckets: [Bucket]
    public let lastUsedAt: String?
    public let lastUsedIP: String?
    public let permissions: [PermissionUse]
    /// The newest first, at most 20.
    public let denials: [Denial]

    public init(
        from: String, to: String, granularity: String, totals: [(code: String, count: Int64)], buckets: [Bucket],
        lastUsedAt: String?, lastUsedIP: String?, permissions: [PermissionUse], denials: [Denial]
    ) {
        self.from = from
        self.to = to
        self.granularity = granularity
        self.totals = totals
        self.buckets = buckets
        self.lastUsedAt = lastUsedAt
        self.lastUsedIP = lastUsedIP
        self.permissions = permissions
        self.denials = denials
    }

    public var json: JSON {
        [
            "from": .string(from), "to": .string(to), "granularity": .string(granularity),
            "totals": Self.object(totals), "buckets": .array(buckets.map(\.json)),
            "last_used_at": JSON(lastUsedAt), "last_used_ip": JSON(lastUsedIP),
            "permissions": .array(permissions.map(\.json)), "denials": .array(denials.map(\.json)),
        ]
    }

    private static func object(_ counts: [(code: String, count: Int64)]) -> JSON {
        .object(JSONObject(counts.map { ($0.code, .integer($0.count)) }))
    }
}
