import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

/// Why a request is not answered as it was meant, ready to be written.
struct Refusal: Error, Sendable {
    /// What `WWW-Authenticate` says (RFC 6750, section 3).
    enum Challenge: Sendable, Hashable {
        case none
        /// No credential came: nothing is said of an error.
        case bare
        case invalidToken
        case insufficientScope([String])
    }

    let problem: Problem
    var challenge: Challenge
    var fields: [(name: String, value: String)]
    var rateLimit: RateLimitState?

    init(
        _ status: Int, _ code: String, _ detail: String, errors: [FieldError] = [], extensions: JSONObject = [:],
        challenge: Challenge? = nil, fields: [(String, String)] = [], rateLimit: RateLimitState? = nil
    ) {
        problem = Problem(status: status, code: code, detail: detail, errors: errors, extensions: extensions)
        self.challenge = challenge ?? (status == 401 ? .bare : .none)
        self.fields = fields.map { (name: $0.0, value: $0.1) }
        self.rateLimit = rateLimit
    }

    init(_ error: BodyError) {
        problem = error.problem
        challenge = .none
        fields = []
    }

    init(_ failure: Failure) {
        var extensions: JSONObject = [:]
        if let quota = failure.quota {
            let resource = QuotaResource(activeKeys: quota.activeKeys, limit: quota.limit, plan: quota.plan)
            extensions.append("quota", resource.json)
        }
        self.init(
            failure.code.status, failure.code.rawValue, failure.detail,
            errors: failure.fields.map { FieldError(pointer: $0.pointer, code: $0.code.rawValue, detail: $0.detail) },
            extensions: extensions, challenge: Self.challenge(failure),
            fields: failure.retryAfterSeconds.map { [("Retry-After", String($0))] } ?? [])
    }

    private static func challenge(_ failure: Failure) -> Challenge? {
        switch failure.code {
        case .invalidToken: .invalidToken
        case .insufficientPermissions: .insufficientScope(failure.lacking)
        default: nil
        }
    }

    /// A key that verification refuses, in words for who holds it. What is malformed and what is unknown read the
    /// same; what was ended is named, since only who holds the secret can see it.
    init(_ decision: Decision) {
        let code: String
        let challenge: Challenge?
        switch decision.verdict {
        case .malformed, .notFound: (code, challenge) = ("invalid_api_key", .invalidToken)
        case .revoked, .expired, .disabled: (code, challenge) = (decision.verdict.rawValue, .invalidToken)
        case .insufficientPermissions: (code, challenge) = (decision.verdict.rawValue, .insufficientScope([]))
        case .valid, .missing, .organizationSuspended, .ipNotAllowed, .rateLimited, .unavailable:
            (code, challenge) = (decision.verdict.rawValue, nil)
        }
        let wait = decision.retryAfterSeconds.map { [("Retry-After", String($0))] } ?? []
        self.init(
            decision.verdict.status, code, decision.verdict.detail, challenge: challenge, fields: wait,
            rateLimit: decision.rateLimit)
    }

    static let notFound = Refusal(Failure.notFound)

    static func query(_ detail: String) -> Refusal { Refusal(422, "invalid_query", detail) }

    static func malformed(_ detail: String) -> Refusal { Refusal(400, "malformed_request", detail) }
}

extension Verdict {
    /// Towards the holder of the key.
    fileprivate var status: Int {
        switch self {
        case .valid: 200
        case .missing, .malformed, .notFound, .revoked, .expired, .disabled: 401
        case .organizationSuspended, .ipNotAllowed, .insufficientPermissions: 403
        case .rateLimited: 429
        case .unavailable: 503
        }
    }

    fileprivate var detail: String {
        switch self {
        case .valid: "The API key is valid."
        case .missing: "Send a credential in the Authorization header."
        case .malformed, .notFound: "There is no such API key."
        case .revoked: "This API key was revoked."
        case .expired: "This API key has expired."
        case .disabled: "This API key is disabled."
        case .organizationSuspended: "The organization of this API key is suspended."
        case .ipNotAllowed: "This API key may not be used from this address."
        case .insufficientPermissions: "This API key lacks the permission."
        case .rateLimited: "This API key has used up its rate limit; Retry-After says when it may go on."
        case .unavailable: "No safe decision can be made at the moment; try again."
        }
    }
}
