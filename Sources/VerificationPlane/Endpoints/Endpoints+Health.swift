/// What an orchestrator asks.
extension Endpoints {
    /// That this answers says that the process lives.
    func health() -> Response { Response(status: 200, contentType: .text, body: Array("ok\n".utf8)) }

    /// 200 only while every listener of the process accepts and a decision could be made.
    func readiness(_ id: RequestID) -> Response {
        guard isReady() else {
            var response = id.answer(503, "unavailable", "Not every listener accepts, or nothing can be decided.")
            response.append("Retry-After", "1")
            return response
        }
        return Response(status: 200, contentType: .text, body: Array("ready\n".utf8))
    }
}
