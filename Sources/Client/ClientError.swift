import KeybearerAPI

/// Why a call did not bring what was asked for.
public enum ClientError: Error, Sendable, Hashable {
    /// The server understood and said no.
    case refused(Refused)
    /// Nobody could be talked to: no network, no such name, nobody listens, the connection broke.
    case unreachable(host: String, reason: String)
    /// The deadline passed; whether the call took effect is not known.
    case timedOut(afterSeconds: Double)
    /// What came back is not this API's: most often a proxy's page.
    case unintelligible(status: Int, reason: String, requestID: String?)
    /// The call took effect, but the answer with its secret was lost on the way and is not sent twice: end what was
    /// made and make another.
    case secretLost(id: String)
    /// The address is not one of `http:`, `https:` or `unix:`.
    case invalidURL
}

/// A refusal as the server worded it (RFC 9457).
public struct Refused: Sendable, Hashable {
    public let status: Int
    /// Stable and meant for programs, such as `quota_exceeded`.
    public let code: String
    public let detail: String
    /// Names the request in the server's log.
    public let requestID: String?
    /// Every field at fault.
    public let fields: [FieldError]
    /// After how many seconds the server wants to be asked again.
    public let retryAfterSeconds: Int?

    public init(
        status: Int, code: String, detail: String, requestID: String?, fields: [FieldError] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.requestID = requestID
        self.fields = fields
        self.retryAfterSeconds = retryAfterSeconds
    }
}

extension ClientError {
    /// The server's code; nil where no server answered.
    public var code: String? {
        guard case .refused(let refused) = self else { return nil }
        return refused.code
    }

    public var requestID: String? {
        switch self {
        case .refused(let refused): refused.requestID
        case .unintelligible(_, _, let requestID): requestID
        case .unreachable, .timedOut, .secretLost, .invalidURL: nil
        }
    }
}

extension ClientError: CustomStringConvertible {
    /// One sentence, with every field at fault. Never contains a credential.
    public var description: String {
        switch self {
        case .refused(let refused):
            let fields = refused.fields.map { "\($0.pointer.dropFirst()): \($0.detail)" }
            let words = fields.isEmpty ? refused.detail : fields.joined(separator: " ")
            return "\(words) (\(refused.code))"
        case .unreachable(let host, let reason): return "\(host) cannot be reached: \(reason)"
        case .timedOut(let seconds): return "there was no answer within \(seconds.formatted) seconds"
        case .unintelligible(let status, let reason, _):
            return "the answer (HTTP \(status)) is not from Keybearer: \(reason)"
        case .secretLost(let id):
            return "\(id) was made, but the answer with its secret was lost: revoke it and make another"
        case .invalidURL: return "the server's address is not a URL such as https://keys.example.com"
        }
    }
}

extension Double {
    fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
