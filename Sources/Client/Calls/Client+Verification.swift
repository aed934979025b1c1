import KeybearerAPI

/// One question to `POST /v1/verify`.
public struct VerifyQuestion: Sendable {
    public enum Presented: Sendable {
        case key(String)
        /// 64 hex digits; answered on loopback, Unix sockets, or with the verification secret.
        case sha256(String)
    }

    public var presented: Presented
    public var permission: String?
    public var ip: String?
    /// What the call takes from the rate limits: 0…1000; nil is 1.
    public var cost: Int?
    /// Take everything into account that is committed now.
    public var isStrict: Bool
    /// A change that must have been taken into account.
    public var minimumRevision: Int64?

    public init(
        _ presented: Presented, permission: String? = nil, ip: String? = nil, cost: Int? = nil, isStrict: Bool = false,
        minimumRevision: Int64? = nil
    ) {
        self.presented = presented
        self.permission = permission
        self.ip = ip
        self.cost = cost
        self.isStrict = isStrict
        self.minimumRevision = minimumRevision
    }

    var json: JSON {
        let (name, value) =
            switch presented {
            case .key(let text): ("key", text)
            case .sha256(let hex): ("key_sha256", hex)
            }
        return .object(
            JSONObject(present: [
                (name, .string(value)), ("permission", permission.map { .string($0) }), ("ip", ip.map { .string($0) }),
                ("cost", cost.map { JSON($0) }), ("consistency", isStrict ? "strict" : nil),
                ("min_revision", minimumRevision.map { .integer($0) }),
            ]))
    }
}

/// What RFC 7662 tells of a key.
public struct IntrospectionAnswer: ReadableResource {
    public let isActive: Bool
    /// The whole answer.
    public let json: JSON

    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        isActive = try answer.bool("active")
        json = answer.json
    }
}

extension Client {
    public func verify(_ question: VerifyQuestion) async throws(ClientError) -> VerifyAnswer {
        try await resource(APICall("POST", ["v1", "verify"]).with(question.json))
    }

    /// At most 100; the answers in the same order. The verification plane only.
    public func verify(_ questions: [VerifyQuestion]) async throws(ClientError) -> [VerifyAnswer] {
        let body: JSON = ["requests": .array(questions.map(\.json))]
        return try await resource(
            APICall("POST", ["v1", "verify", "batch"]).with(body), as: VerifyBatchAnswer.self
        ).results
    }

    /// The verification plane only.
    public func introspect(_ key: String) async throws(ClientError) -> IntrospectionAnswer {
        var call = APICall("POST", ["v1", "introspect"])
        call.content = .form([("token", key)])
        return try await resource(call)
    }
}
