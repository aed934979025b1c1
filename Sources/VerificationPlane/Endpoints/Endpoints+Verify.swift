import KeybearerAPI
import KeybearerVerification

/// `POST /v1/verify` and its batch: 200 whatever the verdict.
extension Endpoints {
    private static let maximumBatch = 100

    func verify(_ exchange: borrowing Exchange, _ memory: inout Memory) -> Outcome {
        let id = exchange.id
        let call: VerifyCall
        do throws(RequestRefusal) {
            let body = try self.body(exchange, as: VerifyBody.self)
            call = try calls([body], exchange) { _ in "" }[0]
        } catch {
            return .answer(Response(error.problem, id: id))
        }
        if call.mayComeFromMemory, let decision = verifier.verifyInMemory(call.credential, call.request) {
            return .answer(response(decision, id))
        }
        return .pending { [self] in response(await decision(on: call), id) }
    }

    func verifyBatch(_ exchange: borrowing Exchange, _ memory: inout Memory) -> Outcome {
        let id = exchange.id
        let calls: [VerifyCall]
        do throws(RequestRefusal) {
            let bodies = try self.body(exchange, as: VerifyBatchBody.self).requests
            guard bodies.count <= Self.maximumBatch else {
                let detail = "A batch may have \(Self.maximumBatch) requests."
                throw RequestRefusal(
                    status: 422, code: "invalid_batch", detail: detail,
                    errors: [FieldError(pointer: "/requests", code: "invalid_batch", detail: detail)])
            }
            calls = try self.calls(bodies, exchange) { "/requests/\($0)" }
        } catch {
            return .answer(Response(error.problem, id: id))
        }
        let inMemory = calls.map { call in
            call.mayComeFromMemory ? verifier.verifyInMemory(call.credential, call.request) : nil
        }
        if inMemory.allSatisfy({ $0 != nil }) {
            return .answer(response(inMemory.compactMap { $0 }, id))
        }
        return .pending { [self] in response(await decisions(on: calls, known: inMemory), id) }
    }

    /// Those not known yet, at the same time, so that a slow store costs one of its deadlines and not a hundred.
    private func decisions(on calls: [VerifyCall], known: [Decision?]) async -> [Decision] {
        await withTaskGroup(of: (Int, Decision).self) { group in
            for (index, call) in calls.enumerated() where known[index] == nil {
                group.addTask { (index, await decision(on: call)) }
            }
            var decisions = known
            for await (index, decision) in group { decisions[index] = decision }
            return decisions.compactMap { $0 }
        }
    }

    private func decision(on call: VerifyCall) async -> Decision {
        await verifier.verify(
            call.credential, call.request, minimumRevision: call.minimumRevision, strict: call.isStrict)
    }

    private func body<Body: RequestBody>(_ exchange: borrowing Exchange, as type: Body.Type) throws(RequestRefusal)
        -> Body
    {
        guard hasJSONBody(exchange) else {
            throw RequestRefusal(
                status: 415, code: "unsupported_media_type", detail: "The body must be application/json.")
        }
        do throws(BodyError) {
            return try KeybearerAPI.Body.read(exchange.body, as: type)
        } catch {
            throw RequestRefusal(error.problem)
        }
    }

    private func calls(
        _ bodies: [VerifyBody], _ exchange: borrowing Exchange, pointer: (Int) -> String
    ) throws(RequestRefusal) -> [VerifyCall] {
        var errors: [FieldError] = []
        let calls = bodies.indices.compactMap { index in
            VerifyCall(bodies[index], at: pointer(index), catalogue: catalogue, errors: &errors)
        }
        if let first = errors.first {
            throw RequestRefusal(status: 422, code: first.code, detail: first.detail, errors: errors)
        }
        if calls.contains(where: \.isByDigest), !mayAskByDigest(exchange.peer) {
            throw RequestRefusal(
                status: 403, code: "not_allowed",
                detail: "key_sha256 is answered on this machine or with the listener's secret.")
        }
        return calls
    }

    /// The secret, where there is one, has been shown by now.
    func mayAskByDigest(_ peer: Peer) -> Bool { secret != nil || peer.isLocal }

    private func response(_ decision: Decision, _ id: RequestID) -> Response {
        guard decision.verdict != .unavailable else {
            var response = id.answer(
                503, "unavailable", "No safe decision can be made at the moment.", extensions: ["valid": false])
            response.append("Retry-After", "1")
            return response
        }
        var text = DecisionText()
        text.append(decision, id: id)
        return Response(status: 200, contentType: .json, body: text.bytes)
    }

    /// For a request that waits longer than its connection allows.
    static func outOfTime(_ id: RequestID) -> Response {
        var response = id.answer(
            503, "unavailable", "No safe decision was made in time.", extensions: ["valid": false])
        response.append("X-Keybearer-Code", "unavailable")
        response.append("Retry-After", "1")
        return response
    }

    /// A decision that could not be made is `unavailable` in its place; the others stand.
    private func response(_ decisions: [Decision], _ id: RequestID) -> Response {
        var text = DecisionText()
        text.raw(#"{"results":["#)
        for (index, decision) in decisions.enumerated() {
            if index > 0 { text.raw(",") }
            text.append(decision, id: id)
        }
        text.raw("]}")
        return Response(status: 200, contentType: .json, body: text.bytes)
    }
}
