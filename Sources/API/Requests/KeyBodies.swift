/// `POST /v1/api-keys`.
public struct CreateKeyBody: RequestBody {
    /// Empty where it was not sent, which no name may be.
    public let name: String
    /// Empty where they were not sent; a key without permissions may do nothing.
    public let permissions: [String]
    /// Empty allows every address.
    public let allowedIPs: [String]
    public let expiresAt: String?
    public let labels: [LabelField]

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        name = try reader.string("name") ?? ""
        permissions = try reader.strings("permissions") ?? []
        allowedIPs = try reader.strings("allowed_ips") ?? []
        expiresAt = try reader.string("expires_at", nullable: true)
        labels = try reader.labels("labels") ?? []
    }
}

/// `PATCH /v1/api-keys/{id}`: what is absent stays. Only the expiry can be cleared with null.
public struct UpdateKeyBody: RequestBody {
    public let name: Field<String>
    public let permissions: Field<[String]>
    public let allowedIPs: Field<[String]>
    public let expiresAt: Field<String>
    /// Replaces all labels.
    public let labels: Field<[LabelField]>
    public let enabled: Field<Bool>
    /// The operator only; null returns to the plan's limit.
    public let rateLimit: Field<RateLimitBody>

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        name = try reader.optionalField("name")
        permissions = try reader.optionalField("permissions")
        allowedIPs = try reader.optionalField("allowed_ips")
        expiresAt = try reader.optionalField("expires_at", nullable: true)
        labels = try reader.optionalField("labels")
        enabled = try reader.optionalField("enabled")
        switch try reader.optionalField("rate_limit", nullable: true, as: ObjectReader.self) {
        case .absent: rateLimit = .absent
        case .null: rateLimit = .null
        case .value(var limit): rateLimit = .value(try RateLimitBody(&limit))
        }
    }
}

/// So many requests in a window of so many seconds.
public struct RateLimitBody: Sendable, Equatable {
    public let requests: Int64
    public let windowSeconds: Int64

    init(_ reader: inout ObjectReader) throws(BodyError) {
        requests = try reader.integer("requests") ?? 0
        windowSeconds = try reader.integer("window_seconds") ?? 0
        try reader.finish()
    }
}

/// `POST /v1/api-keys/{id}/revoke`.
public struct RevokeKeyBody: RequestBody {
    public let reason: String?
    /// Whether the keys that this key made end with it.
    public let cascade: Bool

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        reason = try reader.string("reason", nullable: true)
        cascade = try reader.bool("cascade") ?? false
    }
}

/// `POST /v1/api-keys/revoke`: every part of the filter that is set narrows the rest.
public struct BulkRevokeBody: RequestBody {
    /// Whether the filter was sent and says anything at all.
    public var isFilterEmpty: Bool { ids == nil && createdBy == nil && label == nil && unusedSince == nil }

    public let ids: [String]?
    public let createdBy: String?
    /// `NAME` or `NAME=VALUE`.
    public let label: String?
    public let unusedSince: String?
    public let dryRun: Bool

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        dryRun = try reader.bool("dry_run") ?? false
        guard var filter = try reader.object("filter") else {
            (ids, createdBy, label, unusedSince) = (nil, nil, nil, nil)
            return
        }
        ids = try filter.strings("ids")
        createdBy = try filter.string("created_by")
        label = try filter.string("label")
        unusedSince = try filter.string("unused_since")
        try filter.finish()
    }
}

/// `POST /v1/api-keys/{id}/rotate`.
public struct RotateKeyBody: RequestBody {
    /// nil means the default of 86400.
    public let overlapSeconds: Int64?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        overlapSeconds = try reader.integer("overlap_seconds")
    }
}

/// `POST /v1/api-keys/{id}/explain`.
public struct ExplainBody: RequestBody {
    public let permission: String?
    public let ip: String?

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        permission = try reader.string("permission")
        ip = try reader.string("ip")
    }
}

/// `POST /v1/api-keys/lookup`.
public struct LookupBody: RequestBody {
    public let keySHA256: String

    public init(_ reader: inout ObjectReader) throws(BodyError) {
        keySHA256 = try reader.requiredString("key_sha256")
    }
}
