extension OrganizationSummary: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(id: try answer.string("id"), slug: try answer.string("slug"), name: try answer.string("name"))
    }
}

extension OrganizationResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), name: try answer.string("name"), slug: try answer.string("slug"),
            plan: try answer.string("plan"), quota: try answer.resource("quota"),
            features: try answer.strings("features"), isSuspended: try answer.bool("suspended"),
            createdAt: try answer.string("created_at"))
    }
}

extension QuotaResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            activeKeys: try answer.count("active_keys"), limit: try answer.optionalCount("limit"),
            plan: try answer.optionalString("plan"))
    }
}

extension PlanResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        let limit: RateLimitResource? = try answer.optionalResource("rate_limit")
        self.init(
            name: try answer.string("name"), activeKeys: try answer.optionalCount("active_keys"),
            features: try answer.strings("features"),
            rateLimit: limit.map { (requests: $0.requests, windowSeconds: $0.windowSeconds) })
    }
}

extension NodeResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            name: try answer.string("name"), status: try answer.string("status"),
            acknowledgedRevision: try answer.integer("acknowledged_revision"),
            lastSeenAt: try answer.string("last_seen_at"))
    }
}

extension AuditEventResource: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), position: try answer.integer("position"), at: try answer.string("at"),
            actor: try answer.string("actor"), via: try answer.optionalString("via"),
            ip: try answer.optionalString("ip"), action: try answer.string("action"),
            target: try answer.optionalString("target"), outcome: try answer.string("outcome"),
            count: try answer.integer("count"), details: answer.json["details"] ?? .null,
            previousHash: try answer.string("previous_hash"), hash: try answer.string("hash"))
    }
}
