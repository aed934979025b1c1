import HTTPTypes
import Hummingbird
import KeybearerVerification

/// Lets a request through only with an API key that may do what the route needs; what cannot be decided is refused.
///
///     let verifier = RemoteVerifier(server)
///     let router = Router(context: BasicAPIKeyRequestContext.self)
///     router.requireAPIKey("project:deploy", by: verifier)
public struct RequireAPIKey<Context: APIKeyRequestContext>: RouterMiddleware {
    private let verifier: any KeyVerifying
    private let trustedProxies: TrustedProxies
    private let cost: Int
    private let permission: @Sendable (Request, Context) throws -> String?

    /// - Parameters:
    ///   - verifier: who decides; asked once for every request that carries a key.
    ///   - trustedProxies: whose `X-Forwarded-For` is believed; nobody's where left out.
    ///   - cost: what one request takes from the rate limits: 0…1000.
    ///   - permission: what a request needs; nil only asks whether the key is good.
    public init(
        by verifier: any KeyVerifying, trustedProxies: TrustedProxies = TrustedProxies([]), cost: Int = 1,
        permission: @escaping @Sendable (Request, Context) throws -> String?
    ) {
        self.verifier = verifier
        self.trustedProxies = trustedProxies
        self.cost = cost
        self.permission = permission
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let key: String?
        let address: IPAddress?
        do {
            key = try CredentialFields.key(in: request.headers)
            address = try clientAddress(request, context)
        } catch let refusal as MalformedRequest {
            return .refusal(status: .badRequest, code: refusal.code, detail: refusal.detail, request, context)
        }
        guard let key else {
            return .refusal(KeyVerdict(code: "missing", identity: nil, limit: nil), permission: nil, request, context)
        }
        let needed = try permission(request, context)
        let verdict = await verifier.verdict(onKey: key, permission: needed, address: address, cost: cost)
        guard verdict.code == "valid", let identity = verdict.identity else {
            return .refusal(verdict, permission: needed, request, context)
        }
        var context = context
        context.apiKey = identity
        var response = try await answer(request, context, next)
        response.headers.append(verdict.limit)
        return response
    }

    /// What the route answers; its own refusals too, so that they carry the rate limit.
    private func answer(
        _ request: Request, _ context: Context, _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            return try error.response(from: request, context: context)
        }
    }

    private func clientAddress(_ request: Request, _ context: Context) throws -> IPAddress? {
        let peer = context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        // Without an address at the other end (a Unix socket) nobody vouches for the fields.
        if peer == nil, context.remoteAddress?.ipAddress != nil { return nil }
        guard let peer else { return nil }
        do {
            let forwarded = request.headers.values("x-forwarded-for").map { Array($0.utf8) }
            return try trustedProxies.clientAddress(peer: peer, forwardedFor: forwarded)
        } catch {
            throw MalformedRequest(code: "malformed_request", detail: "X-Forwarded-For is not a list of addresses.")
        }
    }
}

extension RouterMethods where Context: APIKeyRequestContext {
    /// Requires an API key with a permission such as `project:deploy` for the routes that are added afterwards.
    ///
    /// - Parameters:
    ///   - permission: nil only asks whether the key is good.
    ///   - verifier: who decides.
    ///   - trustedProxies: whose `X-Forwarded-For` is believed; nobody's where left out.
    ///   - cost: what one request takes from the rate limits: 0…1000.
    @discardableResult
    public func requireAPIKey(
        _ permission: String?, by verifier: any KeyVerifying, trustedProxies: TrustedProxies = TrustedProxies([]),
        cost: Int = 1
    ) -> Self {
        add(
            middleware: RequireAPIKey(by: verifier, trustedProxies: trustedProxies, cost: cost) { _, _ in permission })
    }

    /// Requires a permission that depends on the request, such as `project/{id}:deploy`:
    ///
    ///     router.group("projects/:id").requireAPIKey(by: verifier) { _, context in
    ///         "project/\(try context.parameters.require("id")):deploy"
    ///     }
    ///
    /// - Parameters:
    ///   - verifier: who decides.
    ///   - trustedProxies: whose `X-Forwarded-For` is believed; nobody's where left out.
    ///   - cost: what one request takes from the rate limits: 0…1000.
    ///   - permission: what a request needs; nil only asks whether the key is good.
    @discardableResult
    public func requireAPIKey(
        by verifier: any KeyVerifying, trustedProxies: TrustedProxies = TrustedProxies([]), cost: Int = 1,
        permission: @escaping @Sendable (Request, Context) throws -> String?
    ) -> Self {
        add(
            middleware: RequireAPIKey(
                by: verifier, trustedProxies: trustedProxies, cost: cost, permission: permission))
    }
}
