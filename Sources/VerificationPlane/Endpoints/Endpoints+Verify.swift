import KeybearerAPI
import KeybearerVerification

/// `POST /v1/verify` and its batch: 200 whatever the verdict.
extension Endpoints {
    private static let maximumBatch = 100

    func verify(
        _ exchange: borrowing Exchange, _ memory: inout Memory, _ writer: inout ResponseWriter
    ) -> Outcome {
        let id = exchange.id
        if hasJSONBody(exchange), let body = QuickVerifyBody(exchange.body), let call = call(body, &memory),
            let decision = verifier.verifyInMemory(text: call.text, call.request, foreseen: exchange.foreseen)
        {
            return write(decision, exchange, &writer)
        }
        let call: VerifyCall
        do throws(RequestRefusal) {
            call = try calls([try self.body(exchange, as: VerifyBody.self)], exchange) { _ in "" }[0]
        } catch {
            return .answer(Response(error.problem, id: id))
        }
        if call.mayComeFromMemory, let decision = verifier.verifyInMemory(call.credential, call.request) {
            return write(decision, exchange, &writer)
        }
        return .pending { [self] in response(await decision(on: call), id) }
    }

    func verifyBatch(
        _ exchange: borrowing Exchange, _ memory: inout Memory, _ writer: inout ResponseWriter
    ) -> Outcome {
        let id = exchange.id
        let calls: [VerifyCall]
        var inMemory: [Decision?]
        if let quick = quickCalls(exchange, &memory) {
            inMemory = verifier.verifyInMemory(quick)
            if writeBatch(inMemory, exchange, &writer) { return .written }
            calls = quick.map(VerifyCall.init)
        } else {
            do throws(RequestRefusal) {
                calls = try batch(exchange)
            } catch {
                return .answer(Response(error.problem, id: id))
            }
            inMemory = calls.map { call in
                call.mayComeFromMemory ? verifier.verifyInMemory(call.credential, call.request) : nil
            }
            if writeBatch(inMemory, exchange, &writer) { return .written }
        }
        return .pending { [self, known = inMemory] in response(await decisions(on: calls, known: known), id) }
    }

    private func quickCalls(_ exchange: borrowing Exchange, _ memory: inout Memory) -> [TextCall]? {
        guard hasJSONBody(exchange), let bodies = QuickVerifyBody.batch(exchange.body, most: Self.maximumBatch) else {
            return nil
        }
        var calls: [TextCall] = []
        calls.reserveCapacity(bodies.count)
        for body in bodies {
            guard let call = call(body, &memory) else { return nil }
            calls.append(call)
        }
        return calls
    }

    /// nil where a value is not in order: the way over `VerifyCall` says why.
    private func call(_ body: QuickVerifyBody, _ memory: inout Memory) -> TextCall? {
        guard let key = body.key, AccessRequest.allowedCosts.contains(body.cost) else { return nil }
        let permission = body.permission.map { text in
            memory.permissions.value(of: text) {
                Permission(bytes: $0).flatMap { catalogue.isRequestable($0) ? $0 : nil }
            }
        }
        if case .some(.none) = permission { return nil }
        let address = body.ip.map { IPAddress(bytes: $0) }
        if case .some(.none) = address { return nil }
        return TextCall(
            text: key, request: AccessRequest(permission: permission ?? nil, address: address ?? nil, cost: body.cost))
    }

    private func batch(_ exchange: borrowing Exchange) throws(RequestRefusal) -> [VerifyCall] {
        let bodies = try body(exchange, as: VerifyBatchBody.self).requests
        guard bodies.count <= Self.maximumBatch else {
            let detail = "A batch may have \(Self.maximumBatch) requests."
            throw RequestRefusal(
                status: 422, code: "invalid_batch", detail: detail,
                errors: [FieldError(pointer: "/requests", code: "invalid_batch", detail: detail)])
        }
        return try calls(bodies, exchange) { "/requests/\($0)" }
    }

    /// Those not known yet, at the same time, so that a slow store costs one of its deadlines and not a hundred.
    private func decisions(on calls: [VerifyCall], known: [Decision?]) async -> [Decision] {
        await withTaskGroup(of: (Int, Decision).self) { group in
            for (index, call) in calls.enumerated() where known[index] == nil {
                group.addTask { (index, await self.decision(on: call)) }
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

    private func write(
        _ decision: Decision, _ exchange: borrowing Exchange, _ writer: inout ResponseWriter
    ) -> Outcome {
        guard decision.verdict != .unavailable else { return .answer(unavailable(exchange.id)) }
        writer.body.removeAll()
        writer.body.append(decision, id: exchange.id)
        writer.write(200, .json, to: exchange)
        return .written
    }

    /// False where some decision is not known yet; then nothing is written.
    private func writeBatch(
        _ decisions: [Decision?], _ exchange: borrowing Exchange, _ writer: inout ResponseWriter
    ) -> Bool {
        guard decisions.allSatisfy({ $0 != nil }) else { return false }
        writer.body.removeAll()
        writer.body.append(decisions.lazy.compactMap { $0 }, id: exchange.id)
        writer.write(200, .json, to: exchange)
        return true
    }

    private func response(_ decision: Decision, _ id: RequestID) -> Response {
        guard decision.verdict != .unavailable else { return unavailable(id) }
        var text = OutputBuffer()
        text.append(decision, id: id)
        return Response(status: 200, contentType: .json, body: Array(text.bytes))
    }

    private func response(_ decisions: [Decision], _ id: RequestID) -> Response {
        var text = OutputBuffer()
        text.append(decisions, id: id)
        return Response(status: 200, contentType: .json, body: Array(text.bytes))
    }

    private func unavailable(_ id: RequestID) -> Response {
        var response = id.answer(
            503, "unavailable", "No safe decision can be made at the moment.", extensions: ["valid": false])
        response.append("Retry-After", "1")
        return response
    }

    /// For a request that waits longer than its connection allows.
    static func outOfTime(_ id: RequestID) -> Response {
        var response = id.answer(
            503, "unavailable", "No safe decision was made in time.", extensions: ["valid": false])
        response.append("X-Keybearer-Code", "unavailable")
        response.append("Retry-After", "1")
        return response
    }
}

extension OutputBuffer {
    /// A decision that could not be made is `unavailable` in its place; the others stand.
    fileprivate mutating func append(_ decisions: some Sequence<Decision>, id: RequestID) {
        append(#"{"results":["#)
        var isFirst = true
        for decision in decisions {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(decision, id: id)
        }
        append("]}")
    }
}
