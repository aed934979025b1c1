import KeybearerAPI
import KeybearerVerification

/// What a verdict is towards the key's holder. `malformed` and `not_found` are one answer, so that nobody can probe
/// which keys exist; the other refusals are named, since only who holds the secret ever sees them.
struct HolderAnswer: Sendable {
    let status: Int
    let code: StaticString
    let detail: StaticString

    init(_ verdict: Verdict) {
        switch verdict {
        case .valid: self.init(200, "valid", "The request is allowed.")
        case .missing: self.init(401, "missing", "Send an API key as Authorization: Bearer or as x-api-key.")
        case .malformed, .notFound: self.init(401, "invalid_api_key", "The API key is not valid.")
        case .revoked: self.init(401, "revoked", "The API key has been revoked.")
        case .expired: self.init(401, "expired", "The API key has expired.")
        case .disabled: self.init(401, "disabled", "The API key is disabled.")
        case .organizationSuspended:
            self.init(403, "organization_suspended", "The API key's organization is suspended.")
        case .ipNotAllowed: self.init(403, "ip_not_allowed", "The API key may not be used from this address.")
        case .insufficientPermissions:
            self.init(403, "insufficient_permissions", "The API key does not have the permission that this needs.")
        case .rateLimited: self.init(429, "rate_limited", "The API key has used up its rate limit.")
        case .unavailable: self.init(503, "unavailable", "No safe decision can be made at the moment.")
        }
    }

    private init(_ status: Int, _ code: StaticString, _ detail: StaticString) {
        self.status = status
        self.code = code
        self.detail = detail
    }
}

/// The bodies of refusals, which differ in their request's name alone: written once, so that a flood of bad keys costs
/// no more than good ones do.
struct HolderProblems: Sendable {
    private struct Template: Sendable {
        let before: [UInt8]
        let after: [UInt8]
    }

    private struct Name: Hashable {
        let verdict: Verdict
        let status: Int
    }

    private let templates: [Name: Template]

    init() {
        let mark = [UInt8](repeating: UInt8(ascii: "#"), count: RequestID.textLength)
        var templates: [Name: Template] = [:]
        for verdict in Verdict.allCases {
            let answer = HolderAnswer(verdict)
            for status in [answer.status, 403] {
                let problem = Problem(status: status, code: "\(answer.code)", detail: "\(answer.detail)")
                let text = problem.json(requestID: String(decoding: mark, as: UTF8.self)).serialized()
                guard let place = text.firstRange(of: mark) else { continue }
                templates[Name(verdict: verdict, status: status)] = Template(
                    before: Array(text[..<place.lowerBound]), after: Array(text[place.upperBound...]))
            }
        }
        self.templates = templates
    }

    func append(_ verdict: Verdict, status: Int, id: RequestID, to output: inout OutputBuffer) {
        guard let template = templates[Name(verdict: verdict, status: status)] else { return }
        output.append(template.before)
        id.append(to: &output)
        output.append(template.after)
    }
}
