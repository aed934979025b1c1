import KeybearerAPI
import KeybearerControlPlane
import KeybearerTestHarness
import Testing

/// What belongs to another organization does not exist: same answer, and nothing moves.
@Suite struct `Foreign organization` {
    @Test func `A5 no route shows or changes anything of another organization by its identifiers`() async throws {
        let server = try await RunningServer.start("keys: {managed_by: permission}")
        let team = try Team(server)
        for slug in ["tern", "gull"] {
            try await team.organization(slug)
            try await team.member("owner@\(slug).example", of: slug, role: "owner")
        }
        let member = try await team.member("mia@gull.example", of: "gull", role: "member", name: "Mia Gullwing")
        let gull = team.acting(as: "owner@gull.example", in: "gull")
        let key = try await team.key("secret project", as: "owner@gull.example", in: "gull")
        let invitation = try await server.control.send(
            "POST", "/v1/invitations", gull, ["email": "new@gull.example", "role": "member"])
        try await server.control.send("PUT", "/v1/roles/porter", gull, ["permissions": ["project:read"]]).mustSucceed()
        let real = [
            "key": key.at("api_key", "id").text ?? "", "usr": member.at("user", "id").text ?? "",
            "inv": invitation.json.at("id").text ?? "", "role": "porter",
        ]
        let invented = [
            "key": "key_" + String(repeating: "1", count: 26), "usr": "usr_" + String(repeating: "1", count: 26),
            "inv": "inv_" + String(repeating: "1", count: 26), "role": "porter2",
        ]
        let token = try await team.key("walker", as: "owner@tern.example", in: "tern", permissions: ["*:*"])
        let callers = [
            team.acting(as: "owner@tern.example", in: "tern"),
            [("Authorization", "Bearer \(token.at("key").text ?? "")")],
            [("Authorization", "Bearer \(try await team.session("owner@tern.example"))")],
        ]
        let before = try await Self.state(team, gull)
        var walked = 0
        for route in ControlPlane.routeTable where route.path.contains("{") && !route.path.contains("/operator/") {
            // Roles are named by their own organization: writing one of that name is no foreign thing.
            if route.method == "PUT" && route.path.contains("/roles/") { continue }
            for caller in callers {
                let foreign = try await Self.ask(server, route.method, route.path, real, caller)
                let missing = try await Self.ask(server, route.method, route.path, invented, caller)
                guard let foreign, let missing else { continue }
                walked += 1
                #expect(foreign.status == missing.status, "\(route.method) \(route.path): \(foreign.text)")
                #expect(foreign.status == 404 || foreign.status == 403, "\(route.method) \(route.path)")
                #expect(Self.comparable(foreign) == Self.comparable(missing), "\(route.method) \(route.path)")
                for text in [real["key"] ?? "?", "Mia Gullwing", "secret project", "new@gull.example"] {
                    #expect(!foreign.text.contains(text), "\(route.method) \(route.path) shows \(text)")
                }
            }
        }
        #expect(walked >= 25)
        #expect(try await Self.state(team, gull) == before)
    }

    @Test func `A5 lists, lookups and headers of one organization hold nothing of another`() async throws {
        let server = try await RunningServer.start("keys: {managed_by: permission}")
        let team = try Team(server)
        for slug in ["tern", "gull"] {
            try await team.organization(slug)
            try await team.member("owner@\(slug).example", of: slug, role: "owner")
        }
        let key = try await team.key("secret project", as: "owner@gull.example", in: "gull")
        let tern = team.acting(as: "owner@tern.example", in: "tern")
        for path in ["/v1/api-keys?status=all", "/v1/members", "/v1/invitations", "/v1/roles", "/v1/audit-events"] {
            let reply = try await server.control.get(path, tern)
            #expect(reply.status == 200)
            #expect(!reply.text.contains("gull"), "\(path): \(reply.text)")
            #expect(!reply.text.contains(key.at("api_key", "id").text ?? "?"))
        }
        let lookup = try await server.control.send(
            "POST", "/v1/api-keys/lookup", tern, ["key_sha256": .string(SHA256Hex.of(key.at("key").text ?? ""))])
        #expect(lookup.status == 404)
        let bulk = try await server.control.send(
            "POST", "/v1/api-keys/revoke", tern, ["filter": ["ids": [key.at("api_key", "id")]]])
        #expect(bulk.status == 200)
        #expect(try await team.verify(key.at("key").text ?? "").at("valid").boolValue == true)
    }

    private static func ask(
        _ server: RunningServer, _ method: String, _ template: String, _ names: [String: String],
        _ caller: [(String, String)]
    ) async throws -> Reply? {
        let path =
            template.replacing("/api-keys/{id}", with: "/api-keys/\(names["key"] ?? "")")
            .replacing("/members/{id}", with: "/members/\(names["usr"] ?? "")")
            .replacing("/invitations/{id}", with: "/invitations/\(names["inv"] ?? "")")
            .replacing("/roles/{name}", with: "/roles/\(names["role"] ?? "")")
        guard !path.contains("{") else { return nil }
        let hasBody = ["POST", "PUT", "PATCH"].contains(method)
        let body: JSON = path.contains("/roles/") ? ["permissions": []] : [:]
        return try await server.control.send(method, path, caller, hasBody ? body : nil)
    }

    /// The answer without what differs from request to request.
    private static func comparable(_ reply: Reply) -> String {
        reply.text.replacing(#/"request_id":"[^"]*"/#, with: "")
    }

    private static func state(_ team: Team, _ headers: [(String, String)]) async throws -> [String] {
        var state: [String] = []
        for path in ["/v1/api-keys?status=all", "/v1/members", "/v1/invitations", "/v1/roles", "/v1/organization"] {
            state.append(try await team.server.control.get(path, headers).text)
        }
        return state
    }
}
