import KeybearerAPI
import KeybearerVerification

/// From a request to its answer. One for all event loops, so that none of them copies what it refers to.
final class Endpoints: Sendable {
    let verifier: Verifier
    let catalogue: PermissionCatalogue
    let routes: [ForwardRoute]
    let trustedProxies: TrustedProxies
    let secret: VerificationSecret?
    let challenge: Challenge
    let problems = HolderProblems()
    let metrics: Metrics
    let isReady: @Sendable () -> Bool

    init(
        verifier: Verifier, catalogue: PermissionCatalogue, routes: [ForwardRoute], trustedProxies: TrustedProxies,
        secret: VerificationSecret?, challenge: Challenge, metrics: Metrics, isReady: @escaping @Sendable () -> Bool
    ) {
        self.verifier = verifier
        self.catalogue = catalogue
        self.routes = routes
        self.trustedProxies = trustedProxies
        self.secret = secret
        self.challenge = challenge
        self.metrics = metrics
        self.isReady = isReady
    }

    func respond(
        to exchange: borrowing Exchange, _ memory: inout Memory, _ writer: inout ResponseWriter
    ) -> Outcome {
        let endpoint = Endpoint(path: exchange.head.path)
        if let secret, endpoint?.isExemptFromSecret != true,
            !secret.isShown(by: exchange.head, in: endpoint?.secretCarriers ?? .ownFieldOnly)
        {
            return .answer(secretRequired(exchange.id))
        }
        guard let endpoint else { return .answer(unknownPath(exchange)) }
        guard endpoint.allows(exchange.head.method) else { return .answer(methodNotAllowed(endpoint, exchange.id)) }
        return switch endpoint {
        case .verify: verify(exchange, &memory, &writer)
        case .verifyBatch: verifyBatch(exchange, &memory, &writer)
        case .authorize: authorize(exchange, options: options(exchange.head.query, &memory), &writer)
        case .authorizePrefixed: authorizePrefixed(exchange, &writer)
        case .introspect: introspect(exchange)
        case .health: .answer(health())
        case .readiness: .answer(readiness(exchange.id))
        case .metrics: .pending { [metrics] in metrics.response() }
        }
    }

    private func options(_ query: ByteView?, _ memory: inout Memory) -> AuthorizeOptions {
        guard let query else { return .none }
        return memory.options.value(of: query) { AuthorizeOptions(query: $0, catalogue: catalogue) }
    }

    /// `application/json`, whatever its parameters; a request need not say so.
    func hasJSONBody(_ exchange: borrowing Exchange) -> Bool {
        hasBody(of: "application/json", orUnsaid: true, exchange)
    }

    func hasBody(of type: StaticString, orUnsaid: Bool, _ exchange: borrowing Exchange) -> Bool {
        switch exchange.head.value("content-type") {
        case .absent: return orUnsaid
        case .repeated: return false
        case .once(let value):
            let end = value.firstIndex { $0 == UInt8(ascii: ";") || HTTPSyntax.isBlank($0) } ?? value.count
            let rest = value[end...].drop(while: HTTPSyntax.isBlank)
            return HTTPSyntax.isEqualIgnoringCase(value.view(0..<end), type)
                && (rest.first ?? UInt8(ascii: ";")) == UInt8(ascii: ";")
        }
    }

    func unsupportedMediaType(_ id: RequestID, expected: String) -> Response {
        id.answer(415, "unsupported_media_type", "The body must be \(expected).")
    }

    private func secretRequired(_ id: RequestID) -> Response {
        var response = id.answer(
            401, "verification_secret_required", "Send the listener's secret as Keybearer-Verification-Secret.")
        response.append("WWW-Authenticate", challenge.plain)
        return response
    }

    private func unknownPath(_ exchange: borrowing Exchange) -> Response {
        guard RequestPath(exchange.head.path) != nil else {
            return exchange.id.answer(400, "malformed_request", "The path is not in its plain form.")
        }
        return exchange.id.answer(404, "not_found", "There is nothing at this path.")
    }

    private func methodNotAllowed(_ endpoint: Endpoint, _ id: RequestID) -> Response {
        var response = id.answer(405, "method_not_allowed", "This path does not know this method.")
        if let allowed = endpoint.allowed { response.append("Allow", "\(allowed)") }
        return response
    }
}
