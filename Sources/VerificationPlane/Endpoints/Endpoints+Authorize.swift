import KeybearerAPI
import KeybearerVerification

/// `ANY /v1/authorize`: the decision as a status that a gateway understands.
extension Endpoints {
    /// What the gateway's request comes down to.
    private enum Question {
        case permission(Permission?)
        /// A path that no route allows: whoever holds a good key lacks the permission, everybody else lacks the key.
        case nothingPermits
    }

    func authorizePrefixed(_ exchange: borrowing Exchange, _ writer: inout ResponseWriter) -> Outcome {
        guard RequestPath(exchange.head.path) != nil else {
            let refusal = RequestRefusal.malformed("The path is not in its plain form.")
            return .answer(refused(refusal.problem, exchange.id, .none))
        }
        return authorize(exchange, options: .none, &writer)
    }

    func authorize(
        _ exchange: borrowing Exchange, options: AuthorizeOptions, _ writer: inout ResponseWriter
    ) -> Outcome {
        let id = exchange.id
        if let refusal = options.refusal { return .answer(refused(refusal, id, options)) }
        let credential: Credential
        let address: IPAddress?
        let question: Question
        do throws(RequestRefusal) {
            credential = try self.credential(exchange)
            address = try clientAddress(exchange)
            question = try self.question(exchange, options)
        } catch {
            return .answer(refused(error.problem, id, options))
        }
        switch question {
        case .nothingPermits:
            return .pending { [self, presented = credential.kept] in
                let decision = await verifier.inspect(presented, address: address)
                let verdict = decision.verdict == .valid ? Verdict.insufficientPermissions : decision.verdict
                return response(verdict, decision, permission: nil, id, options)
            }
        case .permission(let permission):
            let request = AccessRequest(permission: permission, address: address)
            if let decision = verifier.verifyInMemory(credential, request, foreseen: exchange.foreseen) {
                write(decision, permission, exchange, options, &writer)
                return .written
            }
            return .pending { [self, presented = credential.kept] in
                let decision = await verifier.verify(presented, request)
                return response(decision.verdict, decision, permission: permission, id, options)
            }
        }
    }

    private func credential(_ exchange: borrowing Exchange) throws(RequestRefusal) -> Credential {
        do throws(Credential.Refusal) {
            return try Credential(exchange.head)
        } catch {
            switch error {
            case .ambiguous:
                throw RequestRefusal(
                    status: 400, code: "ambiguous_credentials", detail: "The request carries more than one credential.")
            case .notVisibleASCII: throw .malformed("A credential is visible ASCII without spaces.")
            }
        }
    }

    private func clientAddress(_ exchange: borrowing Exchange) throws(RequestRefusal) -> IPAddress? {
        if let address = exchange.peer.address, !trustedProxies.contains(address) { return address }
        let forwardedFor = exchange.head.values("x-forwarded-for").map { Array($0) }
        do throws(ForwardedForError) {
            return try trustedProxies.clientAddress(peer: exchange.peer.address, forwardedFor: forwardedFor)
        } catch {
            throw .malformed("X-Forwarded-For is not a list of addresses.")
        }
    }

    private func question(_ exchange: borrowing Exchange, _ options: AuthorizeOptions) throws(RequestRefusal)
        -> Question
    {
        if let permission = options.permission { return .permission(permission) }
        if routes.isEmpty { return .permission(nil) }
        let forwarded: ForwardedRequest
        do throws(ForwardedRequest.Refusal) {
            forwarded = try ForwardedRequest(exchange.head, from: exchange.peer, trusting: trustedProxies)
        } catch {
            throw .malformed("The forwarded request's method and path must come once each, from a trusted proxy.")
        }
        let route = routes.first { $0.matches(method: forwarded.method, path: forwarded.path) }
        guard let permission = route?.permission(for: forwarded.path), catalogue.isRequestable(permission) else {
            return .nothingPermits
        }
        return .permission(permission)
    }

    private func refused(_ problem: Problem, _ id: RequestID, _ options: AuthorizeOptions) -> Response {
        let status = options.status(problem.status)
        var response = id.answer(status, problem.code, problem.detail)
        response.append("X-Keybearer-Code", problem.code)
        return response
    }

    private func write(
        _ decision: Decision, _ permission: Permission?, _ exchange: borrowing Exchange, _ options: AuthorizeOptions,
        _ writer: inout ResponseWriter
    ) {
        let verdict = decision.verdict
        let answer = HolderAnswer(verdict)
        let status = options.status(answer.status)
        writer.body.removeAll()
        if verdict != .valid { problems.append(verdict, status: status, id: exchange.id, to: &writer.body) }
        writer.write(status, verdict == .valid ? nil : .problem, to: exchange) { fields in
            fields.append(fieldsOf: decision, as: verdict, answer, permission, challenge)
        }
    }

    /// The same, of a decision that had to wait.
    private func response(
        _ verdict: Verdict, _ decision: Decision, permission: Permission?, _ id: RequestID,
        _ options: AuthorizeOptions
    ) -> Response {
        let answer = HolderAnswer(verdict)
        let status = options.status(answer.status)
        var fields = OutputBuffer()
        var body = OutputBuffer()
        fields.append(fieldsOf: decision, as: verdict, answer, permission, challenge)
        if verdict != .valid { problems.append(verdict, status: status, id: id, to: &body) }
        return Response(
            status: status, contentType: verdict == .valid ? nil : .problem, fields: Array(fields.bytes),
            body: Array(body.bytes))
    }
}

extension AuthorizeOptions {
    func status(_ status: Int) -> Int { deniesAs403 && [400, 429, 503].contains(status) ? 403 : status }
}

extension RequestRefusal {
    static func malformed(_ detail: String) -> RequestRefusal {
        RequestRefusal(status: 400, code: "malformed_request", detail: detail)
    }
}
