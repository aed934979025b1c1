import AsyncHTTPClient
import KeybearerAPI
import NIOCore
import NIOHTTP1

/// Talks to a Keybearer server: every call of the control plane and of the verification plane, typed.
///
/// Calls that failed on the way are repeated where that is safe, after pauses that the server's `Retry-After` and
/// `RateLimit` fields set, until the deadline of the call. Clients are values; all share the process's connections.
public struct Client: Sendable {
    public static let version = "0.1.0"

    public let server: ServerAddress
    /// The slug or identifier sent as `Keybearer-Organization`; an API key needs none.
    public var organization: String?
    /// The member for whom an operator token acts (`Keybearer-On-Behalf-Of`).
    public var onBehalfOf: String?
    public var options: ClientOptions
    /// Told what went over the wire, for `--verbose`: never a credential, a body or a query.
    public var trace: (@Sendable (String) -> Void)?
    var credential: Credential?
    var verificationSecret: Credential?

    public init(
        _ server: ServerAddress, credential: Credential? = nil, organization: String? = nil,
        options: ClientOptions = ClientOptions()
    ) {
        self.server = server
        self.credential = credential
        self.organization = organization
        self.options = options
    }

    /// An answer that was understood as far as HTTP goes.
    struct Answer: Sendable {
        let status: Int
        let json: JSON
        let requestID: String?
        let fields: HTTPHeaders
    }

    func resource<Value: ReadableResource>(_ call: APICall, as type: Value.Type = Value.self) async throws(ClientError)
        -> Value
    {
        let answer = try await send(call)
        do {
            return try Value(reading: AnswerReader(answer.json))
        } catch {
            throw .unintelligible(status: answer.status, reason: error.description, requestID: answer.requestID)
        }
    }

    /// Sends, repeats where it makes sense, and returns a success.
    @discardableResult
    func send(_ call: APICall) async throws(ClientError) -> Answer {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: options.deadline)
        var attempt = 0
        while true {
            let failure: ClientError
            let outcome: RepetitionRule.Outcome
            switch await self.attempt(call, until: end - clock.now) {
            case .answer(let answer): return answer
            case .failed(let error, let how): (failure, outcome) = (error, how)
            }
            let pause = RepetitionRule.pause(
                after: outcome, effect: call.effect, attempt: attempt, of: options.repetitions,
                random: Double.random(in: 0...1))
            guard let pause, clock.now.advanced(by: pause) < end else { throw failure }
            attempt += 1
            trace?("\(call.method) \(call.path): \(failure); again in \(pause)")
            do { try await clock.sleep(for: pause) } catch { throw failure }
        }
    }

    private enum Attempt: Sendable {
        case answer(Answer)
        case failed(ClientError, RepetitionRule.Outcome)
    }

    private func attempt(_ call: APICall, until patience: Duration) async -> Attempt {
        do {
            let response = try await Connections.shared.execute(
                request(call), deadline: .now() + .nanoseconds(patience.nanoseconds))
            let body = try await response.body.collect(upTo: 16 << 20)
            trace?("\(call.method) \(call.path): \(response.status.code)")
            return read(Int(response.status.code), response.headers, body, call.expected)
        } catch {
            let (outcome, reason, isTimeout) = Connections.failure(error)
            let failure: ClientError =
                isTimeout
                ? .timedOut(afterSeconds: Double(options.deadline.nanoseconds) / 1e9)
                : .unreachable(host: server.host, reason: reason)
            return .failed(failure, outcome)
        }
    }

    private func request(_ call: APICall) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.prefix + call.target)
        request.method = HTTPMethod(rawValue: call.method)
        request.headers.add(name: "User-Agent", value: options.userAgentField)
        request.headers.add(name: "Accept", value: "application/json")
        if let credential { request.headers.add(name: "Authorization", value: "Bearer \(credential.text)") }
        if let verificationSecret {
            request.headers.add(name: "Keybearer-Verification-Secret", value: verificationSecret.text)
        }
        if let organization { request.headers.add(name: "Keybearer-Organization", value: organization) }
        if let onBehalfOf { request.headers.add(name: "Keybearer-On-Behalf-Of", value: onBehalfOf) }
        for (name, value) in call.fields { request.headers.add(name: name, value: value) }
        switch call.content {
        case .none: break
        case .json(let json):
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: json.serialized()))
        case .form(let fields):
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: PercentEncoding.form(fields)))
        }
        return request
    }

    private func read(
        _ status: Int, _ fields: HTTPHeaders, _ body: ByteBuffer, _ expected: APICall.Expected
    ) -> Attempt {
        let requestID = fields.first(name: "X-Request-Id")
        let media = fields.first(name: "Content-Type")?.lowercased().prefix { $0 != ";" } ?? ""
        if (200..<300).contains(status), expected == .text, media == "text/plain" {
            let text = JSON.string(String(buffer: body))
            return .answer(Answer(status: status, json: text, requestID: requestID, fields: fields))
        }
        if status == 204 || expected == .fields && (200..<300).contains(status) {
            return .answer(Answer(status: status, json: .null, requestID: requestID, fields: fields))
        }
        let isJSON = media == "application/json" || media == "application/problem+json"
        let wait = RetryAdvice.seconds(fields)
        let json: JSON
        do {
            guard isJSON else { throw NotJSON() }
            json = try JSON.parse(body.readableBytesView)
        } catch {
            let kind = media.isEmpty ? "it has no content" : "it is \(isJSON ? "broken " : "")\(media.prefix(60))"
            return .failed(
                .unintelligible(status: status, reason: kind, requestID: requestID),
                .answered(status: status, code: "", retryAfterSeconds: wait))
        }
        guard !(200..<300).contains(status) else {
            return .answer(Answer(status: status, json: json, requestID: requestID, fields: fields))
        }
        let refused = Refused(status: status, json, requestID: requestID, retryAfterSeconds: wait)
        return .failed(
            .refused(refused), .answered(status: status, code: refused.code, retryAfterSeconds: wait))
    }

    private struct NotJSON: Error {}
}

extension Refused {
    /// Reads a problem (RFC 9457), or an OAuth error (RFC 6749, section 5.2).
    init(status: Int, _ json: JSON, requestID: String?, retryAfterSeconds: Int?) {
        let fields = (json["errors"]?.elements ?? []).compactMap { error -> FieldError? in
            guard let pointer = error["pointer"]?.text, let code = error["code"]?.text,
                let detail = error["detail"]?.text
            else { return nil }
            return FieldError(pointer: pointer, code: code, detail: detail)
        }
        self.init(
            status: status, code: json["code"]?.text ?? json["error"]?.text ?? "http_\(status)",
            detail: json["detail"]?.text ?? json["error_description"]?.text ?? "The server answered \(status).",
            requestID: json["request_id"]?.text ?? requestID, fields: fields, retryAfterSeconds: retryAfterSeconds)
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 9_000_000_000 else { return .max / 2 }
        return max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
