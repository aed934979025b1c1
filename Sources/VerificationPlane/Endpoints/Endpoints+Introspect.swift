import KeybearerAPI
import KeybearerVerification

/// `POST /v1/introspect`: RFC 7662, with a key as the token.
extension Endpoints {
    func introspect(_ exchange: borrowing Exchange) -> Outcome {
        let id = exchange.id
        guard hasBody(of: "application/x-www-form-urlencoded", orUnsaid: false, exchange) else {
            return .answer(unsupportedMediaType(id, expected: "application/x-www-form-urlencoded"))
        }
        let form = FormFields(exchange.body)
        guard form.isWellFormed else {
            return .answer(id.answer(400, "invalid_request", "The form is not well-formed."))
        }
        let tokens = form.members.filter { HTTPSyntax.isEqual($0.name, "token") }
        guard tokens.count == 1 else {
            return .answer(id.answer(400, "invalid_request", "The form must have one token."))
        }
        let presented = PresentedCredential.text(tokens[0].value)
        if let decision = verifier.verifyInMemory(presented, AccessRequest()) {
            return .answer(introspection(decision, id))
        }
        return .pending { [self] in
            introspection(await verifier.verify(presented, AccessRequest()), id)
        }
    }

    private func introspection(_ decision: Decision, _ id: RequestID) -> Response {
        if decision.verdict == .unavailable {
            var response = id.answer(503, "unavailable", "No safe decision can be made at the moment.")
            response.append("Retry-After", "1")
            return response
        }
        guard decision.verdict == .valid, let record = decision.record else {
            return Response(status: 200, contentType: .json, body: Array(#"{"active":false}"#.utf8))
        }
        var answer: JSONObject = [
            "active": true, "scope": .string(record.facts.effectivePermissionTexts.joined(separator: " ")),
            "client_id": .string(record.id.description), "sub": .string(record.organization.id.description),
            "token_type": "Bearer",
        ]
        if let expiry = record.expiresAt { answer["exp"] = .integer(expiry.seconds) }
        return Response(status: 200, contentType: .json, body: JSON.object(answer).serialized())
    }
}
