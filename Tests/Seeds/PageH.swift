import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The sentences of page H that concern API and storage, each on the real program.
@Suite struct `Page H` {
    @Test func `H1 only the owner manages keys, admins and keys do not`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("heron")
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        try await team.member("adam@heron.example", of: "heron", role: "admin")
        let made = try await team.key("first", as: "olga@heron.example", in: "heron", permissions: ["*:*"])
        let id = made.at("api_key", "id").text ?? ""
        let key = made.at("key").text ?? ""
        let callers = [
            team.acting(as: "adam@heron.example", in: "heron"), [("Authorization", "Bearer \(key)")],
        ]
        let calls: [(String, String, JSON?)] = [
            ("GET", "/v1/api-keys", nil), ("POST", "/v1/api-keys", ["name": "x", "permissions": []]),
            ("GET", "/v1/api-keys/\(id)", nil), ("PATCH", "/v1/api-keys/\(id)", ["name": "y"]),
            ("POST", "/v1/api-keys/\(id)/revoke", [:]), ("POST", "/v1/api-keys/\(id)/rotate", [:]),
            ("GET", "/v1/api-keys/\(id)/usage", nil), ("POST", "/v1/api-keys/\(id)/explain", [:]),
        ]
        for caller in callers {
            for (method, path, body) in calls {
                let reply = try await server.control.send(method, path, caller, body)
                #expect(reply.status == 403, "\(method) \(path)")
                #expect(reply.code == "owner_required", "\(method) \(path): \(reply.text)")
            }
        }
    }

    @Test func `H2 without the feature creating is refused and existing keys keep working`() async throws {
        let server = try await RunningServer.start(
            "plans: {bare: {active_keys: 5, features: [], rate_limit: {requests: 60, window_seconds: 60}}}")
        let team = try Team(server)
        try await team.organization("heron", plan: "pro")
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        let key = try await team.key("kept", as: "olga@heron.example", in: "heron").at("key").text ?? ""
        try await team.organization("heron", plan: "bare")
        let reply = try await server.control.send(
            "POST", "/v1/api-keys", team.acting(as: "olga@heron.example", in: "heron"),
            ["name": "refused", "permissions": []])
        #expect(reply.status == 403)
        #expect(reply.code == "feature_not_available")
        #expect(try await team.verify(key).at("valid").boolValue == true)
    }

    @Test(arguments: [("free", 1), ("starter", 5), ("pro", 20)])
    func `H3 each plan has its number of keys, and revoking frees a slot`(plan: String, limit: Int) async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("heron", plan: plan)
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        let headers = team.acting(as: "olga@heron.example", in: "heron")
        var last: JSON = .null
        for number in 1...limit { last = try await team.key("key \(number)", as: "olga@heron.example", in: "heron") }
        let refused = try await server.control.send(
            "POST", "/v1/api-keys", headers, ["name": "one more", "permissions": []])
        #expect(refused.status == 403)
        #expect(refused.code == "quota_exceeded")
        #expect(
            refused.json.at("quota")
                == ["active_keys": .integer(Int64(limit)), "limit": .integer(Int64(limit)), "plan": .string(plan)])
        let id = last.at("api_key", "id").text ?? ""
        #expect(try await server.control.send("POST", "/v1/api-keys/\(id)/revoke", headers).status == 200)
        _ = try await team.key("again", as: "olga@heron.example", in: "heron")
    }

    @Test func `H3 enterprise has no limit`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("heron", plan: "enterprise")
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        for number in 1...25 { _ = try await team.key("key \(number)", as: "olga@heron.example", in: "heron") }
        let organization = try await server.control.get(
            "/v1/organization", team.acting(as: "olga@heron.example", in: "heron"))
        #expect(organization.json.at("quota") == ["active_keys": 25, "limit": nil])
    }

    @Test func `H5 a key is sk_ and 64 hex characters, and only its hash is stored`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("heron")
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        let made = try await team.key("stored", as: "olga@heron.example", in: "heron")
        let key = made.at("key").text ?? ""
        #expect(key.wholeMatch(of: /sk_[0-9a-f]{64}/) != nil)
        let lookup = try await server.control.send(
            "POST", "/v1/api-keys/lookup", team.acting(as: "olga@heron.example", in: "heron"),
            ["key_sha256": .string(SHA256Hex.of(key))])
        #expect(lookup.json.at("id") == made.at("api_key", "id"))
        server.stop()
        let secret = Array(key.dropFirst(3).utf8)
        for name in try FileManager.default.contentsOfDirectory(atPath: server.folder.path + "/data") {
            let bytes = try Data(contentsOf: server.folder.appendingPathComponent("data/\(name)"))
            #expect(bytes.firstRange(of: Data(secret)) == nil, "\(name) holds the key")
        }
    }

    @Test func `H7 a key of one workspace never reaches another, even where its creator belongs to both`() async throws
    {
        let server = try await RunningServer.start("keys: {managed_by: permission}")
        let team = try Team(server)
        for slug in ["heron", "egret"] {
            try await team.organization(slug)
            try await team.member("both@heron.example", of: slug, role: "owner")
        }
        let mine =
            try await team.key("mine", as: "both@heron.example", in: "heron", permissions: ["*:*"]).at("key").text ?? ""
        let theirs = try await team.key("theirs", as: "both@heron.example", in: "egret")
        let id = theirs.at("api_key", "id").text ?? ""
        let bearer = [("Authorization", "Bearer \(mine)")]
        for (method, path) in [
            ("GET", "/v1/api-keys/\(id)"), ("PATCH", "/v1/api-keys/\(id)"), ("POST", "/v1/api-keys/\(id)/revoke"),
            ("POST", "/v1/api-keys/\(id)/rotate"), ("GET", "/v1/api-keys/\(id)/usage"),
            ("POST", "/v1/api-keys/\(id)/explain"),
        ] {
            let reply = try await server.control.send(method, path, bearer, method == "GET" ? nil : [:])
            #expect(reply.status == 404, "\(method) \(path): \(reply.text)")
        }
        let listed = try await server.control.get("/v1/api-keys", bearer)
        #expect(listed.json.at("data").items.count == 1)
        #expect(try await team.verify(theirs.at("key").text ?? "").at("valid").boolValue == true)
    }

    @Test func `H8 a revoked key is refused on its next request, with 401`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("heron", plan: "free")
        try await team.member("olga@heron.example", of: "heron", role: "owner")
        let headers = team.acting(as: "olga@heron.example", in: "heron")
        for round in 1...20 {
            let made = try await team.key("round \(round)", as: "olga@heron.example", in: "heron")
            let key = made.at("key").text ?? ""
            let bearer = [("Authorization", "Bearer \(key)")]
            #expect(try await server.verification.get("/v1/authorize", bearer).status == 200)
            let id = made.at("api_key", "id").text ?? ""
            let revoked = try await server.control.send("POST", "/v1/api-keys/\(id)/revoke", headers)
            #expect(revoked.json.at("revocation", "complete").boolValue == true)
            #expect(revoked.json.at("revocation", "acknowledged_by") == ["node-a"])
            let refused = try await server.verification.get("/v1/authorize", bearer)
            #expect(refused.status == 401)
            #expect(refused.code == "revoked")
        }
    }
}
