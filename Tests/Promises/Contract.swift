import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The contract's conventions, where a program outside would rely on them.
@Suite struct `Contract` {
    private static func start() async throws -> (Team, [(String, String)]) {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner", name: "Ana")
        return (team, team.acting(as: "olga@tern.example", in: "tern"))
    }

    @Test func `creating a key answers with exactly the documented fields`() async throws {
        let (team, _) = try await Self.start()
        let made = try await team.key(
            "CI", as: "olga@tern.example", in: "tern", permissions: ["project:deploy"], ["labels": ["team": "web"]])
        #expect(made.names == ["api_key", "key"])
        #expect(
            made.at("api_key").names == [
                "allowed_ips", "created_at", "created_by", "expires_at", "id", "labels", "last_used_at", "last_used_ip",
                "name", "permissions", "preview", "revoke_reason", "revoked_at", "revoked_by", "rotated_from", "status",
                "successor",
            ])
        #expect(made.at("api_key", "created_by").names == ["id", "name", "type"])
        #expect(made.at("api_key", "labels") == ["team": "web"])
        let created = made.at("api_key", "created_at").text ?? ""
        #expect(created.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(made.at("api_key", "id").text?.wholeMatch(of: /key_[0-9a-hjkmnp-tv-z]{26}/) != nil)
    }

    @Test func `errors are problems with a code, a request id and pointers`() async throws {
        let (team, owner) = try await Self.start()
        let reply = try await team.server.control.send(
            "POST", "/v1/api-keys", owner,
            [
                "name": "", "permissions": ["no:such", "project:read"], "allowed_ips": ["x", "10.0.0.0/8"],
                "expires_at": "2001-01-01T00:00:00Z",
            ])
        #expect(reply.status == 422)
        #expect(reply.header("Content-Type") == "application/problem+json")
        #expect(reply.code == "invalid_name")
        #expect(reply.json.at("request_id").text == reply.header("X-Request-Id"))
        #expect(reply.json.at("type").text?.hasSuffix("/problems/invalid_name") == true)
        let pointers = reply.json.at("errors").items.map { $0.at("pointer").text ?? "" }
        #expect(pointers == ["/name", "/permissions/0", "/allowed_ips/0", "/allowed_ips/1", "/expires_at"])
        #expect(reply.json.at("errors").items.allSatisfy { $0.at("code").text != nil && $0.at("detail").text != nil })
    }

    @Test(arguments: [
        (#"{"name":"a","name":"b"}"#, 400, "malformed_json"), (#"{"name":"a",}"#, 400, "malformed_json"),
        (#"{"name":"a"} x"#, 400, "malformed_json"), ("{", 400, "malformed_json"),
        (#"{"na\u006de":"a","name":"b"}"#, 400, "malformed_json"),
        (String(repeating: "[", count: 17) + String(repeating: "]", count: 17), 400, "malformed_json"),
        (#"{"name":"a","surprise":1}"#, 422, "unknown_field"), (#"{"name":7}"#, 422, "invalid_type"),
        (#"{"name":"a","permissions":"project:read"}"#, 422, "invalid_type"), ("[]", 422, "invalid_type"),
        (#"{"name":"a\u0000b","permissions":[]}"#, 422, "invalid_name"),
    ])
    func `A19 A20 bodies are read strictly`(body: String, status: Int, code: String) async throws {
        let (team, owner) = try await Self.start()
        let reply = try await team.server.control.send("POST", "/v1/api-keys", owner, bytes: Array(body.utf8))
        #expect(reply.status == status, "\(reply.text)")
        #expect(reply.code == code)
    }

    @Test func `A18 large bodies, other content types, methods and paths are refused`() async throws {
        let (team, owner) = try await Self.start()
        let control = team.server.control
        let large = Array((#"{"name":""# + String(repeating: "x", count: 1 << 20) + #""}"#).utf8)
        #expect(try await control.send("POST", "/v1/api-keys", owner, bytes: large).status == 413)
        let plain = try await control.send(
            "POST", "/v1/api-keys", owner + [("Content-Type", "text/plain")], bytes: Array("{}".utf8))
        #expect(plain.status == 415)
        let method = try await control.send("DELETE", "/v1/api-keys", owner)
        #expect(method.status == 405)
        #expect(method.header("Allow")?.contains("POST") == true)
        #expect(try await control.get("/v1/nothing", owner).status == 404)
        for path in ["/v1/api%2dkeys", "/v1//api-keys", "/v1/./api-keys", "/v1/../v1/api-keys", "/v1/api-keys;x=1"] {
            let reply = try await RawHTTP.request(
                port: control.port, "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close")
            #expect(reply.status == 400 || reply.status == 404, "\(path): \(reply.text.prefix(80))")
        }
    }

    @Test func `lists page newest first with cursors and reject bad ones`() async throws {
        let (team, owner) = try await Self.start()
        let control = team.server.control
        for number in 1...7 { _ = try await team.key("key \(number)", as: "olga@tern.example", in: "tern") }
        var names: [String] = []
        var cursor: String?
        repeat {
            let reply = try await control.get("/v1/api-keys?limit=3\(cursor.map { "&cursor=\($0)" } ?? "")", owner)
            #expect(reply.status == 200)
            names += reply.json.at("data").items.map { $0.at("name").text ?? "" }
            cursor = reply.json.at("next_cursor").text
        } while cursor != nil
        #expect(names == (1...7).reversed().map { "key \($0)" })
        for (query, code) in [
            ("limit=0", "invalid_limit"), ("limit=101", "invalid_limit"), ("limit=+5", "invalid_limit"),
            ("cursor=x", "invalid_cursor"),
        ] {
            let reply = try await control.get("/v1/api-keys?\(query)", owner)
            #expect(reply.status == 422)
            #expect(reply.code == code)
        }
    }

    @Test func `a patch with a stale ETag is refused`() async throws {
        let (team, owner) = try await Self.start()
        let control = team.server.control
        let id = try await team.key("etag", as: "olga@tern.example", in: "tern").at("api_key", "id").text ?? ""
        let tag = try #require(try await control.get("/v1/api-keys/\(id)", owner).header("ETag"))
        let fresh = try await control.send(
            "PATCH", "/v1/api-keys/\(id)", owner + [("If-Match", tag)], ["name": "renamed"])
        #expect(fresh.status == 200)
        let stale = try await control.send(
            "PATCH", "/v1/api-keys/\(id)", owner + [("If-Match", tag)], ["name": "again"])
        #expect(stale.status == 412)
        #expect(stale.code == "precondition_failed")
    }

    @Test func `A22 sign-in says the same of a wrong password and of no account, and is throttled`() async throws {
        let (team, _) = try await Self.start()
        let control = team.server.control
        _ = try await team.session("olga@tern.example")
        func attempt(_ email: String) async throws -> Reply {
            try await control.send(
                "POST", "/v1/sessions", [], ["email": .string(email), "password": "wrong wrong wrong"])
        }
        let known = try await attempt("olga@tern.example")
        let unknown = try await attempt("nobody@tern.example")
        #expect(known.status == 401)
        #expect(known.code == "invalid_credentials")
        #expect(known.json.at("detail") == unknown.json.at("detail"))
        #expect(unknown.status == 401)
        for _ in 2...10 { _ = try await attempt("olga@tern.example") }
        let throttled = try await attempt("olga@tern.example")
        #expect(throttled.status == 429)
        #expect(throttled.code == "too_many_attempts")
        #expect(throttled.header("Retry-After") != nil)
    }

    @Test func `A10 changing the password ends the other sessions, and signing out ends one`() async throws {
        let (team, _) = try await Self.start()
        let control = team.server.control
        let first = try await team.session("olga@tern.example", password: "the first pass phrase")
        let second =
            try await control.send(
                "POST", "/v1/sessions", [], ["email": "olga@tern.example", "password": "the first pass phrase"]
            ).json.at("token").text ?? ""
        func bearer(_ token: String) -> [(String, String)] { [("Authorization", "Bearer \(token)")] }
        #expect(try await control.get("/v1/sessions", bearer(first)).json.at("data").items.count == 2)
        let changed = try await control.send(
            "PUT", "/v1/me/password", bearer(second),
            ["current": "the first pass phrase", "new": "another pass phrase"])
        #expect((200..<300).contains(changed.status), "\(changed.text)")
        #expect(try await control.get("/v1/me", bearer(first)).status == 401)
        #expect(try await control.get("/v1/me", bearer(second)).status == 200)
        #expect(try await control.send("DELETE", "/v1/sessions/current", bearer(second)).status == 204)
        #expect(try await control.get("/v1/me", bearer(second)).status == 401)
    }

    @Test func `A7 removing, disabling and suspending are in force on the next request`() async throws {
        let server = try await RunningServer.start("keys: {ceiling: live}")
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        try await team.member("bo@tern.example", of: "tern", role: "owner")
        let made = try await team.key("bound", as: "bo@tern.example", in: "tern")
        let key = made.at("key").text ?? ""
        let id = made.at("api_key", "id").text ?? ""
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        func code() async throws -> String? {
            try await team.verify(key, permission: "project:read", ip: "127.0.0.1").at("code").text
        }
        #expect(try await code() == "valid")
        try await team.organization("tern", suspended: true)
        #expect(try await code() == "organization_suspended")
        try await team.organization("tern", suspended: false)
        #expect(try await code() == "valid")
        for (patch, verdict): (JSON, String) in [
            (["enabled": false], "disabled"), (["enabled": true], "valid"),
            (["allowed_ips": ["203.0.113.9"]], "ip_not_allowed"), (["allowed_ips": []], "valid"),
            (["permissions": ["invoice:read"]], "insufficient_permissions"),
            (["permissions": ["project:read"]], "valid"),
        ] {
            try await server.control.send("PATCH", "/v1/api-keys/\(id)", owner, patch).mustSucceed()
            #expect(try await code() == verdict, "\(patch)")
        }
        let removed = try await server.control.send(
            "DELETE", "/v1/operator/organizations/tern/members/bo@tern.example",
            [("Authorization", "Bearer \(team.operatorToken)")])
        #expect(removed.json.at("api_keys").items.count == 1)
        #expect(try await code() == "insufficient_permissions")
    }

    @Test func `A34 a refused change is in the audit log of its organization, repeats as one number`() async throws {
        let (team, owner) = try await Self.start()
        try await team.member("adam@tern.example", of: "tern", role: "admin")
        let admin = team.acting(as: "adam@tern.example", in: "tern")
        for _ in 1...5 {
            let reply = try await team.server.control.send("POST", "/v1/api-keys", admin, ["name": "no"])
            #expect(reply.code == "owner_required")
        }
        func refusals() async throws -> [JSON] {
            try await team.server.control.get("/v1/audit-events?action=api_key.create", owner).json.at("data").items
        }
        let first = try await refusals()
        #expect((1...2).contains(first.count))
        #expect(first.allSatisfy { $0.at("outcome").text == "owner_required" && $0.at("count").integerValue == 1 })
        team.server.stop()
        try await team.server.start()
        let all = try await refusals()
        #expect(all.reduce(0) { $0 + ($1.at("count").integerValue ?? 0) } == 5)
    }

    @Test func `a key's own rate limit is the operator's to set, and takes the plan's place`() async throws {
        let (team, owner) = try await Self.start()
        let made = try await team.key("own limit", as: "olga@tern.example", in: "tern")
        let path = "/v1/api-keys/\(made.at("api_key", "id").text ?? "")"
        let limit: JSON = ["rate_limit": ["requests": 2, "window_seconds": 1_000_000]]
        let refused = try await team.server.control.send("PATCH", path, owner, limit)
        #expect(refused.status == 403)
        #expect(refused.code == "not_allowed")
        let theOperator = [("Authorization", "Bearer \(team.operatorToken)"), ("Keybearer-Organization", "tern")]
        let wrong = try await team.server.control.send("PATCH", path, theOperator, ["rate_limit": ["requests": 0]])
        #expect(wrong.code == "invalid_rate_limit")
        let changed = try await team.server.control.send("PATCH", path, theOperator, limit)
        #expect(changed.json.at("rate_limit") == limit.at("rate_limit"), "\(changed.text)")
        var codes: [String] = []
        for _ in 1...3 { codes.append(try await team.verify(made.at("key").text ?? "").at("code").text ?? "") }
        #expect(codes == ["valid", "valid", "rate_limited"])
        let cleared = try await team.server.control.send("PATCH", path, theOperator, ["rate_limit": nil])
        #expect(cleared.json["rate_limit"] == nil)
        #expect(try await team.verify(made.at("key").text ?? "").at("code").text == "valid")
    }

    @Test func `explain names every check and the one that decides, and counts nothing`() async throws {
        let (team, owner) = try await Self.start()
        let made = try await team.key(
            "explained", as: "olga@tern.example", in: "tern", allowedIPs: ["203.0.113.9"])
        let id = made.at("api_key", "id").text ?? ""
        let reply = try await team.server.control.send(
            "POST", "/v1/api-keys/\(id)/explain", owner, ["permission": "project:delete", "ip": "203.0.113.10"])
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply.json.at("code").text == "ip_not_allowed")
        let failed = reply.json.at("checks").items.filter { $0.at("passed").boolValue == false }
        #expect(failed.map { $0.at("code").text } == ["ip_not_allowed", "insufficient_permissions"])
        let usage = try await team.server.control.get("/v1/api-keys/\(id)/usage", owner)
        #expect(usage.json.at("denials").items.isEmpty)
    }

    @Test func `usage counts outcomes, the last use of each permission and the last denials`() async throws {
        let (team, owner) = try await Self.start()
        let made = try await team.key(
            "counted", as: "olga@tern.example", in: "tern", permissions: ["project:*", "invoice:read"])
        let key = made.at("key").text ?? ""
        for _ in 1...3 { _ = try await team.verify(key, permission: "project:deploy", ip: "203.0.113.9") }
        for _ in 1...25 { _ = try await team.verify(key, permission: "invoice:create", ip: "203.0.113.9") }
        let id = made.at("api_key", "id").text ?? ""
        let usage = try await team.server.control.get("/v1/api-keys/\(id)/usage", owner).json
        #expect(usage.at("denials").items.count == 20)
        #expect(usage.at("denials").items.first?.at("code").text == "insufficient_permissions")
        #expect(usage.at("last_used_ip").text == "203.0.113.9")
        let shown = try await team.server.control.get("/v1/api-keys/\(id)", owner).json
        #expect(shown.at("last_used_at").text != nil)
    }
}
