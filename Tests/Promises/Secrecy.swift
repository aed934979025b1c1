import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Secrets are where they were shown, and nowhere else.
@Suite struct `Secrecy` {
    @Test func `A23 A29 no secret is in the database, its WAL, a backup, the log or any later answer`() async throws {
        let server = try await RunningServer.start("keys: {managed_by: permission}")
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        let session = try await team.session("olga@tern.example", password: "a canary that sings at night")
        var secrets = ["a canary that sings at night", session, team.operatorToken]
        let made = try await team.key("canary", as: "olga@tern.example", in: "tern", permissions: ["*:*"])
        let key = made.at("key").text ?? ""
        let id = made.at("api_key", "id").text ?? ""
        let rotated = try await server.control.send("POST", "/v1/api-keys/\(id)/rotate", owner)
        let successor = rotated.json.at("key").text ?? ""
        let invitation = try await server.control.send(
            "POST", "/v1/invitations", owner, ["email": "new@tern.example", "role": "member"])
        let link = invitation.json.at("url").text ?? ""
        secrets += [key, successor, String(link.suffix(64))]
        #expect(secrets.allSatisfy { $0.count >= 20 })
        for answer in [key, successor] {
            _ = try await team.verify(answer, permission: "project:read")
            _ = try await server.verification.get("/v1/authorize", [("x-api-key", answer)])
            _ = try await server.verification.get("/v1/authorize?key=\(answer)", [])
            _ = try await server.control.get("/v1/me?api_key=\(answer)", [("Authorization", "Bearer \(answer)x")])
            _ = try await server.control.send(
                "POST", "/v1/api-keys", [("x-api-key", answer)], bytes: Array(answer.utf8))
        }
        let successorID = rotated.json.at("api_key", "id").text ?? ""
        try await server.control.send("POST", "/v1/api-keys/\(successorID)/revoke", owner).mustSucceed()
        var texts: [(String, String)] = []
        for path in [
            "/v1/me", "/v1/api-keys?status=all", "/v1/api-keys/\(id)", "/v1/api-keys/\(id)/usage", "/v1/members",
            "/v1/invitations", "/v1/audit-events?limit=100", "/v1/organization", "/v1/permissions", "/openapi.json",
        ] {
            let reply = try await server.control.get(path, owner)
            #expect(reply.status == 200, "\(path)")
            texts.append((path, reply.text))
        }
        texts.append(("/metrics", try await server.verification.get("/metrics").text))
        let backup = server.folder.appendingPathComponent("backup.sqlite").path
        #expect(try server.command("backup", backup).status == 0)
        server.stop()
        texts.append(("the log", server.logText))
        for secret in secrets {
            for (place, text) in texts { #expect(!text.contains(secret), "\(place) holds a secret") }
        }
        let core = secrets.map { Data(($0.contains("_") ? String($0.drop { $0 != "_" }.dropFirst()) : $0).utf8) }
        let names = try FileManager.default.subpathsOfDirectory(atPath: server.folder.path)
        #expect(names.contains { $0.hasSuffix(".sqlite") })
        for name in names {
            let url = server.folder.appendingPathComponent(name)
            guard let bytes = try? Data(contentsOf: url) else { continue }
            for secret in core { #expect(bytes.firstRange(of: secret) == nil, "\(name) holds a secret") }
        }
    }

    @Test func `A29 answers that carry a secret are not stored by caches`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        let made = try await server.control.send("POST", "/v1/api-keys", owner, ["name": "n", "permissions": []])
        let invited = try await server.control.send(
            "POST", "/v1/invitations", owner, ["email": "new@tern.example", "role": "member"])
        for reply in [made, invited] {
            #expect(reply.status == 201)
            #expect(reply.header("Cache-Control") == "no-store")
        }
    }

    @Test func `A35 what people write cannot forge a log line or a header`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        for name in ["a\r\nSet-Cookie: x", "a\u{0}b", "a\u{1b}[31m", "a\u{202e}b", "a\u{2028}b", " ", "e\u{301}"] {
            let reply = try await server.control.send(
                "POST", "/v1/api-keys", owner, ["name": .string(name), "permissions": []])
            #expect(reply.status == 422, "\(name.debugDescription)")
            #expect(reply.code == "invalid_name")
        }
        let named = try await team.key("naïve – ключ \"x\"", as: "olga@tern.example", in: "tern")
        let reply = try await server.verification.get(
            "/v1/authorize", [("x-api-key", named.at("key").text ?? "")])
        #expect(reply.header("X-Keybearer-Key-Name") == "na%C3%AFve%20%E2%80%93%20%D0%BA%D0%BB%D1%8E%D1%87%20%22x%22")
    }
}
