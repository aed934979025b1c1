import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Nobody receives what the giver lacks, by any of the ways in which something is given.
@Suite struct `Escalation` {
    /// An organization with an owner, and a `lead` who manages people, roles and keys but may not delete projects.
    private static func start() async throws -> Team {
        let server = try await RunningServer.start(
            """
            keys: {managed_by: permission}
            roles: {lead: ["api_key:*", "member:*", "role:*", "project:read", "project:deploy"]}
            """)
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        try await team.member("lee@tern.example", of: "tern", role: "lead")
        try await team.member("mia@tern.example", of: "tern", role: "member")
        return team
    }

    private static let exceeding = ["*:*", "project:*", "project:delete", "*:read", "project/x:delete", "audit:read"]

    @Test func `A3 creating, changing, enabling and rotating give no more than the giver holds`() async throws {
        let team = try await Self.start()
        let control = team.server.control
        let lead = team.acting(as: "lee@tern.example", in: "tern")
        let own = try await team.key("own", as: "lee@tern.example", in: "tern", permissions: ["project:read"])
        let ownID = own.at("api_key", "id").text ?? ""
        for permission in Self.exceeding {
            let created = try await control.send(
                "POST", "/v1/api-keys", lead, ["name": "x", "permissions": [.string(permission)]])
            #expect(created.code == "permission_escalation", "create \(permission)")
            let patched = try await control.send(
                "PATCH", "/v1/api-keys/\(ownID)", lead, ["permissions": [.string(permission)]])
            #expect(patched.code == "permission_escalation", "patch \(permission)")
        }
        let strong = try await team.key("strong", as: "olga@tern.example", in: "tern", permissions: ["project:delete"])
        let id = strong.at("api_key", "id").text ?? ""
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        try await control.send("PATCH", "/v1/api-keys/\(id)", owner, ["enabled": false]).mustSucceed()
        for body: JSON in [["enabled": true], ["name": "renamed"], ["allowed_ips": []]] {
            let reply = try await control.send("PATCH", "/v1/api-keys/\(id)", lead, body)
            #expect(reply.status == 403)
            #expect(reply.code == "permission_escalation", "\(body)")
        }
        try await control.send("PATCH", "/v1/api-keys/\(id)", owner, ["enabled": true]).mustSucceed()
        let rotated = try await control.send("POST", "/v1/api-keys/\(id)/rotate", lead)
        #expect(rotated.code == "permission_escalation")
        #expect(try await control.get("/v1/api-keys/\(id)", owner).json.at("name").text == "strong")
    }

    @Test func `A3 roles, grants and invitations give no more than the giver holds`() async throws {
        let team = try await Self.start()
        let control = team.server.control
        let lead = team.acting(as: "lee@tern.example", in: "tern")
        let mia = try await control.get("/v1/members", lead).json.at("data").items.first {
            $0.at("user", "email").text == "mia@tern.example"
        }
        let id = mia?.at("user", "id").text ?? ""
        for permission in Self.exceeding {
            let role = try await control.send("PUT", "/v1/roles/mighty", lead, ["permissions": [.string(permission)]])
            #expect(role.code == "permission_escalation", "role \(permission)")
            let grant = try await control.send(
                "PUT", "/v1/members/\(id)", lead, ["role": "member", "grants": [.string(permission)]])
            #expect(grant.code == "permission_escalation", "grant \(permission)")
        }
        for role in ["owner", "admin"] {
            let put = try await control.send("PUT", "/v1/members/\(id)", lead, ["role": .string(role), "grants": []])
            #expect(put.status == 403, "role \(role): \(put.text)")
            let invited = try await control.send(
                "POST", "/v1/invitations", lead, ["email": "new@tern.example", "role": .string(role)])
            #expect(invited.status == 403, "invite \(role): \(invited.text)")
        }
    }

    @Test func `A3 nobody widens themselves, and only an owner touches an owner`() async throws {
        let team = try await Self.start()
        let control = team.server.control
        let lead = team.acting(as: "lee@tern.example", in: "tern")
        let members = try await control.get("/v1/members", lead).json.at("data").items
        func id(_ email: String) -> String {
            members.first { $0.at("user", "email").text == email }?.at("user", "id").text ?? ""
        }
        for body: JSON in [
            ["role": "owner", "grants": []], ["role": "admin", "grants": []],
            ["role": "lead", "grants": ["project:delete"]],
        ] {
            let reply = try await control.send("PUT", "/v1/members/\(id("lee@tern.example"))", lead, body)
            #expect(reply.status == 403, "\(body): \(reply.text)")
        }
        for method in ["PUT", "DELETE"] {
            let body: JSON? = method == "PUT" ? ["role": "member", "grants": []] : nil
            let reply = try await control.send(method, "/v1/members/\(id("olga@tern.example"))", lead, body)
            #expect(reply.status == 403)
            #expect(reply.code == "owner_required")
        }
    }

    @Test func `A3 A9 a key that makes keys gives them its own bounds, and cascade ends them with it`() async throws {
        let team = try await Self.start()
        let control = team.server.control
        let maker = try await team.key(
            "maker", as: "olga@tern.example", in: "tern",
            permissions: ["api_key:create", "api_key:revoke", "project:read"],
            allowedIPs: ["127.0.0.1"], ["expires_at": "2090-01-01T00:00:00.000Z"])
        let bearer = [("Authorization", "Bearer \(maker.at("key").text ?? "")")]
        func make(_ more: JSONObject) async throws -> Reply {
            var body: JSONObject = ["name": "child", "permissions": ["project:read"]]
            for member in more.members { body[member.key] = member.value }
            return try await control.send("POST", "/v1/api-keys", bearer, .object(body))
        }
        for more: JSONObject in [
            [:], ["allowed_ips": ["127.0.0.1"]], ["expires_at": "2089-01-01T00:00:00Z"],
            ["allowed_ips": ["127.0.0.1", "203.0.113.9"], "expires_at": "2089-01-01T00:00:00Z"],
            ["allowed_ips": ["127.0.0.1"], "expires_at": "2091-01-01T00:00:00Z"],
            ["allowed_ips": ["127.0.0.1"], "expires_at": "2089-01-01T00:00:00Z", "permissions": ["project:deploy"]],
        ] {
            #expect(try await make(more).code == "permission_escalation", "\(more)")
        }
        let child = try await make(["allowed_ips": ["127.0.0.1"], "expires_at": "2089-01-01T00:00:00Z"])
        #expect(child.status == 201, "\(child.text)")
        #expect(child.json.at("api_key", "created_by", "type").text == "api_key")
        let id = maker.at("api_key", "id").text ?? ""
        let revoked = try await control.send(
            "POST", "/v1/api-keys/\(id)/revoke", team.acting(as: "olga@tern.example", in: "tern"), ["cascade": true])
        #expect(revoked.status == 200)
        let answer = try await team.verify(child.json.at("key").text ?? "", ip: "127.0.0.1")
        #expect(answer.at("code").text == "revoked")
    }

    @Test func `A4 fields that are not writable are refused and change nothing`() async throws {
        let team = try await Self.start()
        let control = team.server.control
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        let key = try await team.key("plain", as: "olga@tern.example", in: "tern")
        let id = key.at("api_key", "id").text ?? ""
        let before = try await control.get("/v1/api-keys/\(id)", owner).text
        for column in [
            "id", "organization_id", "organization", "digest", "pepper_id", "preview", "created_by", "created_at",
            "revoked_at", "revoked_by", "revoke_reason", "rotated_from", "successor", "overlap_ends_at", "status",
            "last_used_at", "last_used_ip", "is_disabled", "plan", "role", "key",
        ] {
            let reply = try await control.send(
                "PATCH", "/v1/api-keys/\(id)", owner, .object([column: "x", "name": "changed"]))
            #expect(reply.status == 422, "\(column): \(reply.text)")
            #expect(reply.code == "unknown_field")
            #expect(reply.json.at("errors").items.first?.at("pointer").text == "/\(column)")
        }
        #expect(try await control.get("/v1/api-keys/\(id)", owner).text == before)
    }
}
