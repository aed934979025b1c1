import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification
import Logging

/// From a request to its answer: route, credential, permit, admission, endpoint. The one place in which a failure of a
/// request is handled.
struct Dispatcher: Sendable {
    let table: RouteTable
    let endpoints: Endpoints
    let authenticator: Authenticator
    let trustedProxies: TrustedProxies
    let standard: StandardFields
    let realm: String
    let pages: PageDoor
    let logger: Logger

    /// Whether the path leads anywhere here, by whatever method.
    func knows(_ target: RequestTarget) -> Bool {
        if case .nothing = table.match("GET", target.segments) { return false }
        return true
    }

    func reply(to incoming: EdgeRequest) async -> Reply {
        let requestID = RequestID.next()
        let now = endpoints.administration.clock.now()
        var surface = StandardFields.Surface.api
        var rateLimit: RateLimitState?
        var reply: Reply
        do {
            reply = try await answer(incoming, requestID, now, &surface, &rateLimit)
        } catch {
            let refusal = refusal(for: error, incoming, requestID)
            rateLimit = refusal.rateLimit ?? rateLimit
            reply = await page(for: refusal, incoming, requestID, now, &surface) ?? self.reply(to: refusal, requestID)
        }
        reply.fields += rateLimit?.fields ?? []
        reply.fields += standard.fields(surface, requestID: requestID, now: now)
        return reply
    }

    private func answer(
        _ incoming: EdgeRequest, _ requestID: String, _ now: Timestamp, _ surface: inout StandardFields.Surface,
        _ rateLimit: inout RateLimitState?
    ) async throws -> Reply {
        let head = incoming.head
        var call = Call(
            requestID: requestID, method: head.method, target: head.target, fields: head.fields, body: incoming.body,
            address: incoming.peer, now: now)
        switch table.match(head.method, head.target.segments) {
        case .nothing: throw Refusal(404, "not_found", "There is nothing at this path.")
        case .otherMethods(let methods):
            throw Refusal(
                405, "method_not_allowed", "This path is for \(methods.joined(separator: ", ")).",
                fields: [("Allow", methods.joined(separator: ", "))])
        case .document(let document, let parameters):
            surface = document.surface
            call.parameters = parameters
            if document.surface == .page { call.address = try clientAddress(incoming) }
            return try await document.render(endpoints)(call)
        case .route(let route, let parameters):
            surface = route.surface
            call.parameters = parameters
            call.address = try clientAddress(incoming)
            if route.isPage { return await pages.reply(route, call) }
            return try await perform(route, call, &rateLimit)
        }
    }

    private func perform(_ route: Route, _ incoming: Call, _ rateLimit: inout RateLimitState?) async throws -> Reply {
        var call = incoming
        let administration = endpoints.administration
        let identity = try await identity(route, call)
        rateLimit = identity.key.map { administration.verifier.limits(of: $0) }
        let caller = identity.caller
        let operation = route.operation
        switch route.handler {
        case .open(let handler):
            let permit = try administration.openPermit(operation, caller)
            call.query = try QueryParameters(call.target.query, allowed: route.query)
            return try await handler(endpoints)(call, permit)
        case .caller(let handler):
            if case .anonymous = caller.principal { throw Failure.noCredential }
            try await admit(identity, nil, &rateLimit)
            call.query = try QueryParameters(call.target.query, allowed: route.query)
            return try await handler(endpoints)(call, caller)
        case .personal(let handler):
            let permit = try await administration.personalPermit(operation, caller)
            call.query = try QueryParameters(call.target.query, allowed: route.query)
            return try await handler(endpoints)(call, permit)
        case .organization(let handler):
            let permit = try await administration.organizationPermit(operation, caller, identity.early)
            try await admit(identity, permit.scope.organization.id, &rateLimit)
            call.query = try QueryParameters(call.target.query, allowed: route.query)
            return try await handler(endpoints)(call, permit)
        case .operator(let handler):
            let permit = try await administration.operatorPermit(operation, caller)
            call.query = try QueryParameters(call.target.query, allowed: route.query)
            return try await handler(endpoints)(call, permit)
        case .openPage, .personalPage, .organizationPage: throw Refusal.notFound
        }
    }

    /// Calls that authorize themselves are made as nobody, except that a signed-in person accepts an invitation as
    /// themselves.
    private func identity(_ route: Route, _ call: Call) async throws -> Authenticator.Identity {
        if case .open = route.handler, route.operation != .acceptInvitation {
            _ = try Credential.find(in: call.fields)
            let caller = Caller(.anonymous, address: call.address, organization: nil)
            return Authenticator.Identity(caller: caller, token: nil)
        }
        guard case .organization = route.handler else { return try await authenticator.identify(call) }
        return try await authenticator.identify(call, for: route.operation)
    }

    private func admit(
        _ identity: Authenticator.Identity, _ organization: OrganizationID?, _ rateLimit: inout RateLimitState?
    ) async throws {
        let decision = try await endpoints.administration.admit(
            identity.caller, token: identity.token, in: organization)
        guard let decision else { return }
        rateLimit = decision.rateLimit ?? rateLimit
        guard decision.verdict == .valid else { throw Refusal(decision) }
    }

    private func clientAddress(_ incoming: EdgeRequest) throws(Refusal) -> IPAddress? {
        do throws(ForwardedForError) {
            return try trustedProxies.clientAddress(
                peer: incoming.peer, forwardedFor: incoming.head.fields["x-forwarded-for"].map { Array($0.utf8) })
        } catch {
            throw .malformed("X-Forwarded-For is not a list of addresses.")
        }
    }

    // MARK: Failures

    /// Somebody who follows a link to nowhere in a browser gets a page; programs, and everything under `/v1`, get JSON.
    private func page(
        for refusal: Refusal, _ incoming: EdgeRequest, _ requestID: String, _ now: Timestamp,
        _ surface: inout StandardFields.Surface
    ) async -> Reply? {
        let head = incoming.head
        guard refusal.problem.status == 404, head.target.segments.first?.raw != "v1",
            head.fields["accept"].contains(where: { $0.contains("text/html") })
        else { return nil }
        surface = .page
        let call = Call(
            requestID: requestID, method: "GET", target: head.target, fields: head.fields, body: [],
            address: incoming.peer, now: now)
        do {
            return await pages.console.notFoundPage(try await pages.console.visit(call))
        } catch {
            return await pages.console.notFoundPage(Visit.lost(call))
        }
    }

    private func refusal(for error: any Error, _ incoming: EdgeRequest, _ requestID: String) -> Refusal {
        let refusal: Refusal
        switch error {
        case let error as Refusal: refusal = error
        case let error as Failure: refusal = Refusal(error)
        case let error as BodyError: refusal = Refusal(error)
        default:
            refusal = Refusal(500, "internal_error", "Something went wrong here; the request's id helps to find it.")
        }
        if refusal.problem.status >= 500 {
            logger.error(
                "a request could not be answered",
                metadata: [
                    "request_id": "\(requestID)", "method": "\(incoming.head.method)",
                    "code": "\(refusal.problem.code)",
                    "error": "\(type(of: error))",
                ])
        }
        return refusal
    }

    private func reply(to refusal: Refusal, _ requestID: String) -> Reply {
        var reply = Reply(
            refusal.problem.status, contentType: Problem.contentType,
            body: refusal.problem.json(requestID: requestID).serialized())
        reply.fields = refusal.fields
        if let challenge = challenge(refusal.challenge) {
            reply.fields.append((name: "WWW-Authenticate", value: challenge))
        }
        return reply
    }

    private func challenge(_ challenge: Refusal.Challenge) -> String? {
        let scheme = "Bearer realm=\"\(realm)\""
        switch challenge {
        case .none: return nil
        case .bare: return scheme
        case .invalidToken: return "\(scheme), error=\"invalid_token\""
        case .insufficientScope(let scope):
            let scopes = scope.isEmpty ? "" : ", scope=\"\(scope.joined(separator: " "))\""
            return "\(scheme), error=\"insufficient_scope\"\(scopes)"
        }
    }

    /// The answer to bytes that never became a request, whole as it goes out.
    func answer(to refusal: EdgeRefusal) -> [UInt8] {
        let requestID = RequestID.next()
        let problem = Problem(status: refusal.status, code: refusal.code, detail: refusal.detail)
        let reply = Reply(
            refusal.status, contentType: Problem.contentType, body: problem.json(requestID: requestID).serialized(),
            fields: standard.fields(.api, requestID: requestID, now: endpoints.administration.clock.now()))
        return reply.bytes(isHead: false, closes: true)
    }
}

extension Failure {
    fileprivate static let noCredential = Failure(.missing, "Send a credential in the Authorization header.")
}

/// Names one request in its answer and in the log.
enum RequestID {
    static func next() -> String {
        let hex =
            String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        return "req_\(hex)"
    }
}
