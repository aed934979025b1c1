import KeybearerAPI

extension Endpoints {
    func health(_ call: Call) async throws -> Reply { .json(200, ["status": "ok"]) }

    func readiness(_ call: Call) async throws -> Reply {
        guard await isReady() else {
            throw Refusal(503, "unavailable", "This process cannot decide safely at the moment.")
        }
        return .json(200, ["status": "ready"])
    }

    func openAPI(_ call: Call) async throws -> Reply {
        Reply(200, contentType: "application/json", body: OpenAPI.document)
    }
}
