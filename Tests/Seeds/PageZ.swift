import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The sentences of page Z that concern API and storage, each on the real program.
@Suite struct `Page Z` {
    static let byPermission = "keys: {managed_by: permission}"

    @Test func `Z1 a key authenticates on its own, whatever became of the person who made it`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        try await team.member("bo@tern.example", of: "tern", role: "owner")
        let key = try await team.key("nightly job", as: "ana@tern.example", in: "tern").at("key").text ?? ""
        let removed = try await server.control.send(
            "DELETE", "/v1/operator/organizations/tern/members/ana@tern.example",
            [("Authorization", "Bearer \(team.operatorToken)")])
        #expect(removed.status == 200)
        #expect(removed.json.at("api_keys").items.count == 1)
        #expect(try await team.verify(key, permission: "project:read").at("valid").boolValue == true)
    }

    @Test func `Z2 a key has an organization, a creator, permissions and addresses, all enforced`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        let organization = try await team.organization("tern")
        let member = try await team.member("ana@tern.example", of: "tern", role: "owner", name: "Ana Tern")
        let made = try await team.key(
            "deploy", as: "ana@tern.example", in: "tern", permissions: ["project:deploy"], allowedIPs: ["203.0.113.9"])
        #expect(made.at("api_key", "created_by", "name").text == "Ana Tern")
        #expect(made.at("api_key", "created_by", "type").text == "user")
        #expect(made.at("api_key", "created_by", "id") == member.at("user", "id"))
        let key = made.at("key").text ?? ""
        let right = try await team.verify(key, permission: "project:deploy", ip: "203.0.113.9")
        #expect(right.at("code").text == "valid")
        #expect(right.at("organization", "id") == organization.at("id"))
        #expect(
            try await team.verify(key, permission: "project:delete", ip: "203.0.113.9").at("code").text
                == "insufficient_permissions")
        #expect(
            try await team.verify(key, permission: "project:deploy", ip: "203.0.113.10").at("code").text
                == "ip_not_allowed")
    }

    @Test func `Z4 the full key is shown once and afterwards only a preview`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let made = try await team.key("once", as: "ana@tern.example", in: "tern")
        let key = made.at("key").text ?? ""
        let preview = made.at("api_key", "preview").text ?? ""
        #expect(preview == "\(key.prefix(9))…\(key.suffix(4))")
        let headers = team.acting(as: "ana@tern.example", in: "tern")
        let id = made.at("api_key", "id").text ?? ""
        for path in ["/v1/api-keys", "/v1/api-keys/\(id)", "/v1/api-keys/\(id)/usage", "/v1/audit-events"] {
            let reply = try await server.control.get(path, headers)
            #expect(reply.status == 200)
            #expect(!reply.text.contains(key), "\(path) shows the key")
        }
        #expect(try await server.control.get("/v1/api-keys/\(id)", headers).json.at("preview").text == preview)
    }

    @Test(arguments: ["Authorization", "x-api-key"])
    func `Z5 both headers are accepted, on both planes`(header: String) async throws {
        let server = try await RunningServer.start(Self.byPermission)
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let key =
            try await team.key("both", as: "ana@tern.example", in: "tern", permissions: ["*:*"]).at("key").text ?? ""
        let value = header == "Authorization" ? "Bearer \(key)" : key
        #expect(try await server.verification.get("/v1/authorize", [(header, value)]).status == 200)
        let me = try await server.control.get("/v1/me", [(header, value)])
        #expect(me.json.at("kind").text == "api_key")
        let twice = [("Authorization", "Bearer \(key)"), ("x-api-key", key + "0")]
        for address in [server.control, server.verification] {
            let path = address.port == server.controlPort ? "/v1/me" : "/v1/authorize"
            let reply = try await address.get(path, twice)
            #expect(reply.status == 400)
            #expect(reply.code == "ambiguous_credentials")
        }
    }

    @Test func `Z7 a key needs no organization named, and personal calls refuse it`() async throws {
        let server = try await RunningServer.start(Self.byPermission)
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let key =
            try await team.key("ci", as: "ana@tern.example", in: "tern", permissions: ["*:*"]).at("key").text ?? ""
        let bearer = [("Authorization", "Bearer \(key)")]
        let organization = try await server.control.get("/v1/organization", bearer)
        #expect(organization.status == 200)
        #expect(organization.json.at("slug").text == "tern")
        for path in ["/v1/organizations", "/v1/sessions"] {
            let reply = try await server.control.get(path, bearer)
            #expect(reply.status == 403)
            #expect(reply.code == "user_login_required")
        }
        let elsewhere = try await server.control.get(
            "/v1/organization", bearer + [("Keybearer-Organization", "another")])
        #expect(elsewhere.status == 403)
        #expect(elsewhere.code == "wrong_organization")
    }

    @Test(arguments: [
        ("project:deploy", "project:deploy", true), ("project:deploy", "project/prj_1:deploy", true),
        ("project/prj_1:deploy", "project/prj_1:deploy", true), ("project/prj_1:deploy", "project/prj_2:deploy", false),
        ("project/prj_1:deploy", "project:deploy", false), ("project:*", "project:delete", true),
        ("*:read", "invoice:read", true), ("*:read", "project:deploy", false), ("*:*", "project/x:delete", true),
    ])
    func `Z8 one grammar decides for members, roles and keys`(granted: String, asked: String, allowed: Bool)
        async throws
    {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let key =
            try await team.key("g", as: "ana@tern.example", in: "tern", permissions: [granted]).at("key").text ?? ""
        let answer = try await team.verify(key, permission: asked)
        #expect(answer.at("code").text == (allowed ? "valid" : "insufficient_permissions"))
    }

    @Test func `Z9 empty permissions allow nothing, and nobody gives what they lack`() async throws {
        let server = try await RunningServer.start(
            Self.byPermission + "\nroles: {deployer: [\"project:deploy\", \"api_key:create\"]}")
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        try await team.member("dee@tern.example", of: "tern", role: "deployer")
        let empty = try await team.key("empty", as: "ana@tern.example", in: "tern", permissions: [])
        let answer = try await team.verify(empty.at("key").text ?? "", permission: "project:read")
        #expect(answer.at("code").text == "insufficient_permissions")
        for exceeding in ["*:*", "project:*", "project:delete", "*:deploy", "api_key:revoke"] {
            let reply = try await server.control.send(
                "POST", "/v1/api-keys", team.acting(as: "dee@tern.example", in: "tern"),
                ["name": "too much", "permissions": [.string(exceeding)]])
            #expect(reply.status == 403, "\(exceeding): \(reply.text)")
            #expect(reply.code == "permission_escalation")
        }
        let within = try await team.key(
            "within", as: "dee@tern.example", in: "tern", permissions: ["project/prj_1:deploy"])
        #expect(within.at("api_key", "status").text == "active")
    }

    @Test func `Z10 a non-empty allowlist refuses every other address, compared as addresses`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let made = try await team.key(
            "fixed", as: "ana@tern.example", in: "tern",
            allowedIPs: ["203.0.113.9", "2001:db8:0:0::1", "2001:DB8::1", "::ffff:203.0.113.9"])
        #expect(made.at("api_key", "allowed_ips") == ["203.0.113.9", "2001:db8::1"])
        let key = made.at("key").text ?? ""
        for (address, verdict) in [
            ("203.0.113.9", "valid"), ("::ffff:203.0.113.9", "valid"), ("2001:db8::1", "valid"),
            ("2001:0db8:0000::0001", "valid"), ("203.0.113.90", "ip_not_allowed"), ("::203.0.113.9", "ip_not_allowed"),
        ] {
            #expect(try await team.verify(key, ip: address).at("code").text == verdict, "\(address)")
        }
        #expect(try await team.verify(key).at("code").text == "ip_not_allowed")
        for (text, code) in [
            ("203.0.113.0/24", "cidr_not_accepted"), ("203.0.113.09", "invalid_ip"), ("[::1]", "invalid_ip"),
            ("fe80::1%eth0", "invalid_ip"), ("localhost", "invalid_ip"), ("203.0.113.9 ", "invalid_ip"),
        ] {
            let reply = try await server.control.send(
                "POST", "/v1/api-keys", team.acting(as: "ana@tern.example", in: "tern"),
                ["name": "x", "permissions": [], "allowed_ips": [.string(text)]])
            #expect(reply.status == 422)
            #expect(reply.code == code, "\(text): \(reply.text)")
            #expect(reply.json.at("errors").items.first?.at("pointer").text == "/allowed_ips/0")
        }
    }

    @Test func `Z11 rotation overlaps, keeps the expiry, shows its use and ends`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern", plan: "free")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        let expiry = "2099-01-01T00:00:00.000Z"
        let made = try await team.key(
            "rotating", as: "ana@tern.example", in: "tern", ["expires_at": .string(expiry)])
        let headers = team.acting(as: "ana@tern.example", in: "tern")
        let id = made.at("api_key", "id").text ?? ""
        let old = made.at("key").text ?? ""
        let rotated = try await server.control.send(
            "POST", "/v1/api-keys/\(id)/rotate", headers, ["overlap_seconds": 8])
        let rotatedAt = ContinuousClock.now
        #expect(rotated.status == 201)
        let new = rotated.json.at("key").text ?? ""
        #expect(rotated.json.at("api_key", "expires_at").text == expiry)
        #expect(rotated.json.at("api_key", "rotated_from").text == id)
        #expect(try await team.verify(old, permission: "project:read").at("code").text == "valid")
        #expect(try await team.verify(new, permission: "project:read").at("code").text == "valid")
        let outgoing = try await server.control.get("/v1/api-keys/\(id)", headers).json
        #expect(outgoing.at("status").text == "rotating")
        #expect(outgoing.at("successor") == rotated.json.at("api_key", "id"))
        let newID = rotated.json.at("api_key", "id").text ?? ""
        let usage = try await server.control.get("/v1/api-keys/\(newID)/usage", headers).json
        #expect(usage.at("last_used_at").text != nil)
        #expect(try await server.control.get("/v1/organization", headers).json.at("quota", "active_keys") == 1)
        try await Task.sleep(until: rotatedAt + .seconds(8.3), clock: .continuous)
        #expect(try await team.verify(old).at("code").text == "revoked")
        #expect(try await team.verify(new).at("code").text == "valid")
    }
}
