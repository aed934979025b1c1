import KeybearerAPI
import KeybearerVerification

/// From a request to its answer.
struct Endpoints: Sendable {
    let verifier: Verifier
    let catalogue: PermissionCatalogue
    let routes: [ForwardRoute]
    let trustedProxies: TrustedProxies
    let secret: VerificationSecret?
    let challenge: Challenge
    let metrics: Metrics
    let isReady: @Sendable () -> Bool

    func respond(to exchange: Exchange) -> Outcome {
        let head = exchange.head
        let endpoint = Endpoint(path: head.path)
        if let secret, endpoint?.isExemptFromSecret != true,
            !secret.isShown(by: head, in: endpoint?.secretCarriers ?? .ownFieldOnly)
        {
            return .answer(secretRequired(exchange))
        }
        guard let endpoint else { return .answer(unknownPath(exchange)) }
        guard endpoint.allows(head.method) else { return .answer(methodNotAllowed(endpoint, exchange)) }
        return switch endpoint {
        case .verify: verify(exchange)
        case .verifyBatch: verifyBatch(exchange)
        case .authorize: authorize(exchange, options: AuthorizeOptions(query: head.query, catalogue: catalogue))
        case .authorizePrefixed: authorizePrefixed(exchange)
        case .introspect: introspect(exchange)
        case .health: .answer(health())
        case .readiness: .answer(readiness(exchange))
        case .metrics: .pending { [metrics] in metrics.response() }
        }
    }

    /// `application/json`, whatever its parameters; a request need not say so.
    func hasJSONBody(_ exchange: Exchange) -> Bool { hasBody(of: "application/json", orUnsaid: true, exchange) }

    func hasBody(of type: StaticString, orUnsaid: Bool, _ exchange: Exchange) -> Bool {
        switch exchange.head.value("content-type") {
        case .absent: return orUnsaid
        case .repeated: return false
        case .once(let value):
            let name = value.prefix { $0 != UInt8(ascii: ";") && !HTTPSyntax.isBlank($0) }
            let rest = value[name.endIndex...].drop(while: HTTPSyntax.isBlank)
            return HTTPSyntax.isEqualIgnoringCase(name, type) && (rest.first ?? UInt8(ascii: ";")) == UInt8(ascii: ";")
        }
    }

    func unsupportedMediaType(_ exchange: Exchange, expected: String) -> Response {
        exchange.answer(415, "unsupported_media_type", "The body must be \(expected).")
    }

    private func secretRequired(_ exchange: Exchange) -> Response {
        var response = exchange.answer(
            401, "verification_secret_required", "Send the listener's secret as Keybearer-Verification-Secret.")
        response.append("WWW-Authenticate", challenge.plain)
        return response
    }

    private func unknownPath(_ exchange: Exchange) -> Response {
        guard RequestPath(exchange.head.path) != nil else {
            return exchange.answer(400, "malformed_request", "The path is not in its plain form.")
        }
        return exchange.answer(404, "not_found", "There is nothing at this path.")
    }

    private func methodNotAllowed(_ endpoint: Endpoint, _ exchange: Exchange) -> Response {
        var response = exchange.answer(405, "method_not_allowed", "This path does not know this method.")
        if let allowed = endpoint.allowed { response.append("Allow", "\(allowed)") }
        return response
    }
}
