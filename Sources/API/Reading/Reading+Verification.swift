extension VerifyAnswer: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            code: try answer.string("code"), requestID: try answer.optionalString("request_id") ?? "",
            revision: try answer.optionalInteger("revision") ?? 0, apiKey: try answer.optionalResource("api_key"),
            organization: try answer.optionalResource("organization"),
            rateLimit: try answer.optionalResource("rate_limit"))
    }

    /// Whether the call may go on: the one question that matters.
    public var isValid: Bool { code == "valid" }
}

extension VerifyAnswer.Key: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            id: try answer.string("id"), name: try answer.string("name"), preview: try answer.string("preview"),
            permissions: try answer.strings("permissions"), labels: try answer.labels("labels"),
            expiresAt: try answer.optionalString("expires_at"), createdBy: try answer.resource("created_by"))
    }
}

extension VerifyAnswer.Organization: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(id: try answer.string("id"), slug: try answer.string("slug"), plan: try answer.string("plan"))
    }
}

extension VerifyAnswer.RateLimit: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            policy: try answer.string("policy"), limit: try answer.count("limit"),
            windowSeconds: try answer.count("window_seconds"), remaining: try answer.count("remaining"),
            resetSeconds: try answer.count("reset_seconds"))
    }
}

/// The answer of `POST /v1/verify/batch`, in the order of the requests.
public struct VerifyBatchAnswer: ReadableResource {
    public let results: [VerifyAnswer]

    public init(results: [VerifyAnswer]) { self.results = results }

    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) { results = try answer.resources("results") }

    public var json: JSON { ["results": .array(results.map(\.json))] }
}
