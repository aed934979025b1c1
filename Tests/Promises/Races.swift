import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Limits that hold however many ask at once.
@Suite struct `Races` {
    @Test func `A25 fifty concurrent creates on a plan of five give exactly five`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern", plan: "starter")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let headers = team.acting(as: "olga@tern.example", in: "tern")
        let replies = try await atOnce(50) { number in
            try await server.control.send(
                "POST", "/v1/api-keys", headers, ["name": .string("racer \(number)"), "permissions": []])
        }
        #expect(replies.count { $0.status == 201 } == 5)
        #expect(replies.count { $0.code == "quota_exceeded" } == 45)
        let listed = try await server.control.get("/v1/api-keys?limit=100", headers)
        #expect(listed.json.at("data").items.count == 5)
    }

    @Test func `A25 two owners who leave at once leave one owner behind`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        for round in 1...10 {
            for name in ["a", "b"] { try await team.member("\(name)@tern.example", of: "tern", role: "owner") }
            let members = try await server.control.get(
                "/v1/members", team.acting(as: "a@tern.example", in: "tern")
            ).json.at("data").items
            let replies = try await atOnce(2) { number in
                let own = number == 0 ? "a@tern.example" : "b@tern.example"
                let id = members.first { $0.at("user", "email").text == own }?.at("user", "id").text ?? ""
                return try await server.control.send(
                    number == 0 ? "DELETE" : "PUT", "/v1/members/\(id)", team.acting(as: own, in: "tern"),
                    number == 0 ? nil : ["role": "member", "grants": []])
            }
            #expect(replies.count { $0.status == 200 } == 1, "round \(round): \(replies.map(\.text))")
            #expect(replies.count { $0.code == "last_owner" } == 1)
        }
    }

    @Test func `A25 one idempotency key makes one key however often it is sent at once`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let headers = team.acting(as: "olga@tern.example", in: "tern") + [("Idempotency-Key", "order-1")]
        let body: JSON = ["name": "only one", "permissions": []]
        let replies = try await atOnce(30) { _ in
            try await server.control.send("POST", "/v1/api-keys", headers, body)
        }
        let made = replies.filter { $0.status == 201 && $0.header("Idempotency-Replayed") == nil }
        #expect(made.count == 1)
        for reply in replies where reply.status != 201 { #expect(reply.code == "idempotency_in_progress") }
        let again = try await server.control.send("POST", "/v1/api-keys", headers, body)
        #expect(again.status == 201)
        #expect(again.header("Idempotency-Replayed") == "true")
        #expect(again.json["key"] == .null)
        #expect(again.json.at("api_key") == made.first?.json.at("api_key"))
        let other = try await server.control.send(
            "POST", "/v1/api-keys", headers, ["name": "another", "permissions": []])
        #expect(other.status == 409)
        #expect(other.code == "idempotency_conflict")
        let refused = headers.dropLast() + [("Idempotency-Key", "order-2")]
        let invalid = try await server.control.send("POST", "/v1/api-keys", Array(refused), ["name": ""])
        #expect(invalid.status == 422)
        let repaired = try await server.control.send("POST", "/v1/api-keys", Array(refused), body)
        #expect(repaired.status == 201)
        #expect(repaired.header("Idempotency-Replayed") == nil)
        let listed = try await server.control.get("/v1/api-keys", team.acting(as: "olga@tern.example", in: "tern"))
        #expect(listed.json.at("data").items.count == 2)
    }

    @Test func `A26 concurrent calls never pass a key's rate limit, and the refused consume nothing`() async throws {
        let server = try await RunningServer.start(
            "plans: {slow: {active_keys: 3, features: [tenant_api_keys], rate_limit: {requests: 40, window_seconds: 1000000}}}"
        )
        let team = try Team(server)
        try await team.organization("tern", plan: "slow")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let key = try await team.key("limited", as: "olga@tern.example", in: "tern").at("key").text ?? ""
        for _ in 1...20 { _ = try await team.verify(key, permission: "project:delete") }
        let answers = try await atOnce(100) { _ in try await team.verify(key, permission: "project:read") }
        #expect(answers.count { $0.at("code").text == "valid" } == 40)
        #expect(answers.count { $0.at("code").text == "rate_limited" } == 60)
        let refused = try await server.verification.get("/v1/authorize", [("x-api-key", key)])
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") != nil)
        #expect(refused.header("X-RateLimit-Remaining") == "0")
        #expect(refused.header("RateLimit-Policy") == "\"default\";q=40;w=1000000")
    }
}

/// Runs the body so many times at once and returns what came back.
func atOnce<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value) async throws
    -> [Value]
{
    try await withThrowingTaskGroup(of: Value.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
