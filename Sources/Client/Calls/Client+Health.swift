import KeybearerAPI

/// What both listeners answer to anybody, and the verification plane's figures.
extension Client {
    /// Whether the process lives.
    public func isAlive() async throws(ClientError) -> Bool { try await answersYes("healthz") }

    /// Whether every listener of the process accepts, and it can decide. Asked once: no answer is thrown, a no is not.
    public func isReady() async throws(ClientError) -> Bool { try await answersYes("readyz") }

    /// The verification plane's counters, in Prometheus' text format.
    public func metrics() async throws(ClientError) -> String { try await text(["metrics"]) }

    /// The server's OpenAPI document.
    public func apiDescription() async throws(ClientError) -> JSON {
        try await send(APICall("GET", ["openapi.json"])).json
    }

    private func answersYes(_ path: String) async throws(ClientError) -> Bool {
        var once = self
        once.options.repetitions = 0
        do {
            _ = try await once.text([path])
            return true
        } catch {
            guard case .refused(let refused) = error, refused.status == 503 else { throw error }
            return false
        }
    }

    private func text(_ path: [String]) async throws(ClientError) -> String {
        var call = APICall("GET", path)
        call.expected = .text
        let answer = try await send(call)
        guard let text = answer.json.text else {
            throw .unintelligible(status: answer.status, reason: "it is no text", requestID: answer.requestID)
        }
        return text
    }
}
