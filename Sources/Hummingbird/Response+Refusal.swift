import HTTPTypes
import Hummingbird
import KeybearerAPI
import KeybearerVerification

extension Response {
    /// A key that is refused, in words for who holds it (RFC 9457), with the challenge of RFC 6750.
    static func refusal(
        _ verdict: KeyVerdict, permission: String?, _ request: Request, _ context: some RequestContext
    ) -> Response {
        let words = Words(verdict.code)
        var response = refusal(status: words.status, code: words.code, detail: words.detail, request, context)
        switch words.status {
        case .unauthorized:
            let error = verdict.code == "missing" ? "" : ", error=\"invalid_token\""
            response.headers[.wwwAuthenticate] = "Bearer realm=\"api\"\(error)"
        case .forbidden where verdict.code == "insufficient_permissions":
            let scope = permission.flatMap { Permission($0) }.map { ", scope=\"\($0)\"" } ?? ""
            response.headers[.wwwAuthenticate] = "Bearer realm=\"api\", error=\"insufficient_scope\"\(scope)"
        case .tooManyRequests: response.headers[.retryAfter] = String(verdict.limit?.resetSeconds ?? 1)
        case .serviceUnavailable: response.headers[.retryAfter] = "1"
        default: break
        }
        response.headers.append(verdict.limit)
        return response
    }

    static func refusal(
        status: HTTPResponse.Status, code: String, detail: String, _ request: Request, _ context: some RequestContext
    ) -> Response {
        let problem = Problem(status: status.code, code: code, detail: detail)
        let body = problem.json(requestID: context.id).serialized()
        return Response(
            status: status, headers: [.contentType: Problem.contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// What is unknown reads like what is malformed; what was ended is named, since only its holder can see it.
private struct Words {
    let status: HTTPResponse.Status
    let code: String
    let detail: String

    init(_ verdict: String) {
        (status, code, detail) =
            switch verdict {
            case "missing": (.unauthorized, verdict, "Send an API key in the Authorization header.")
            case "revoked": (.unauthorized, verdict, "This API key was revoked.")
            case "expired": (.unauthorized, verdict, "This API key has expired.")
            case "disabled": (.unauthorized, verdict, "This API key is disabled.")
            case "malformed", "not_found": (.unauthorized, "invalid_api_key", "There is no such API key.")
            case "organization_suspended":
                (.forbidden, verdict, "The organization of this API key is suspended.")
            case "ip_not_allowed": (.forbidden, verdict, "This API key may not be used from this address.")
            case "insufficient_permissions": (.forbidden, verdict, "This API key lacks the permission.")
            case "rate_limited": (.tooManyRequests, verdict, "This API key has used up its rate limit.")
            default: (.serviceUnavailable, "unavailable", "No safe decision can be made at the moment; try again.")
            }
    }
}

extension HTTPFields {
    /// Both forms: draft-ietf-httpapi-ratelimit-headers, and the older one with its reset in epoch seconds.
    mutating func append(_ limit: KeyVerdict.Limit?) {
        guard let limit else { return }
        let policy = limit.policy.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        set("RateLimit-Policy", "\"\(policy)\";q=\(limit.limit);w=\(limit.windowSeconds)")
        set("RateLimit", "\"\(policy)\";r=\(limit.remaining);t=\(limit.resetSeconds)")
        set("X-RateLimit-Limit", String(limit.limit))
        set("X-RateLimit-Remaining", String(limit.remaining))
        let reset = WallClock.system().now().adding(seconds: Int64(limit.resetSeconds))
        set("X-RateLimit-Reset", String(reset.seconds))
    }
}
