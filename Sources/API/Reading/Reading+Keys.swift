extension APIKeyResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), name: try answer.string("name"), preview: try answer.string("preview"),
            status: try answer.string("status"), permissions: try answer.strings("permissions"),
            allowedIPs: try answer.strings("allowed_ips"), createdBy: try answer.resource("created_by"),
            createdAt: try answer.string("created_at"), expiresAt: try answer.optionalString("expires_at"),
            lastUsedAt: try answer.optionalString("last_used_at"),
            lastUsedIP: try answer.optionalString("last_used_ip"),
            revokedAt: try answer.optionalString("revoked_at"), revokedBy: try answer.optionalString("revoked_by"),
            revokeReason: try answer.optionalString("revoke_reason"),
            rotatedFrom: try answer.optionalString("rotated_from"),
            successor: try answer.optionalString("successor"), labels: try answer.labels("labels"),
            rateLimit: try answer.optionalResource("rate_limit"))
    }
}

extension RateLimitResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(requests: try answer.count("requests"), windowSeconds: try answer.count("window_seconds"))
    }
}

extension CreatorResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(type: try answer.string("type"), id: try answer.string("id"), name: try answer.string("name"))
    }
}

extension CreatedKeyResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(keyText: try answer.optionalString("key"), apiKey: try answer.resource("api_key"))
    }
}

extension RevocationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            revision: try answer.integer("revision"), acknowledgedBy: try answer.strings("acknowledged_by"),
            unreachable: try answer.strings("unreachable"), completedBy: try answer.optionalString("completed_by"))
    }
}

extension RevokedKeyResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(apiKey: try answer.resource("api_key"), revocation: try answer.resource("revocation"))
    }
}

extension BulkRevocationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            apiKeys: try answer.resources("api_keys"), revocation: try answer.optionalResource("revocation"),
            isDryRun: try answer.bool("dry_run"))
    }
}

extension UsageResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            from: try answer.string("from"), to: try answer.string("to"),
            granularity: try answer.string("granularity"), totals: try answer.counts("totals"),
            buckets: try answer.resources("buckets"), lastUsedAt: try answer.optionalString("last_used_at"),
            lastUsedIP: try answer.optionalString("last_used_ip"), permissions: try answer.resources("permissions"),
            denials: try answer.resources("denials"))
    }
}

extension UsageResource.Bucket: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(start: try answer.string("start"), counts: try answer.counts("counts"))
    }
}

extension UsageResource.PermissionUse: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            permission: try answer.string("permission"), lastUsedAt: try answer.optionalString("last_used_at"))
    }
}

extension UsageResource.Denial: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            at: try answer.string("at"), code: try answer.string("code"), ip: try answer.optionalString("ip"),
            permission: try answer.optionalString("permission"))
    }
}

extension ExplanationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(code: try answer.string("code"), checks: try answer.resources("checks"))
    }
}

extension ExplanationResource.Check: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            name: try answer.string("name"), passed: try answer.bool("passed"), code: try answer.string("code"),
            detail: try answer.string("detail"), decides: try answer.bool("decides"))
    }
}
