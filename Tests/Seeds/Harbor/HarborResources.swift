import Crypto
import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Z12 on the platform: six resources, each with what it is for, behind permissions by member, resource and action.
@Suite struct `Harbor, page Z, the six resources` {
    private struct Step {
        let permission: String
        let method: String
        let path: String
        let body: JSON?
    }

    @Test
    func `Z12 members are permitted by resource and action, on projects, databases, billing, GitHub, AI keys, keys`()
        async throws
    {
        let harbor = try await RunningHarbor.start()
        let all = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "x")])
        let project = try await harbor.project("pages", all)
        let steps = [
            Step(permission: "project:read", method: "GET", path: "/v1/project", body: nil),
            Step(permission: "project/\(project):read", method: "GET", path: "/v1/project/\(project)", body: nil),
            Step(permission: "database:read", method: "GET", path: "/v1/database", body: nil),
            Step(permission: "billing:read", method: "GET", path: "/v1/billing", body: nil),
            Step(permission: "github:read", method: "GET", path: "/v1/github", body: nil),
            Step(
                permission: "github/\(project):connect", method: "PUT", path: "/v1/project/\(project)/github",
                body: ["repository": "tern/pages"]),
            Step(permission: "ai_key:read", method: "GET", path: "/v1/ai-key", body: nil),
            Step(permission: "api_key:read", method: "GET", path: "/v1/api-keys", body: nil),
        ]
        try await harbor.guestRole(in: "tern", by: "ana@tern.example")
        let mia = try await harbor.member("mia@tern.example", of: "tern", role: "guest")
        let session = try await harbor.session("mia@tern.example")
        for granted in steps {
            try await harbor.grant([granted.permission], to: mia, in: "tern", by: "ana@tern.example")
            for step in steps {
                // Who may read all projects may read one.
                let isCovered =
                    step.permission == granted.permission
                    || (granted.permission == "project:read" && step.path.hasPrefix("/v1/project/") && step.body == nil)
                let reply = try await harbor.call(step.method, step.path, session, step.body)
                #expect((reply.status < 300) == isCovered, "\(granted.permission): \(step.path) \(reply.text)")
            }
        }
        try await harbor.grant([], to: mia, in: "tern", by: "ana@tern.example")
        for step in steps {
            #expect(try await harbor.call(step.method, step.path, session, step.body).status == 403)
        }
        // The role that Harbor configures beside Keybearer's own.
        try await harbor.member("acc@tern.example", of: "tern", role: "accountant")
        let accountant = try await harbor.session("acc@tern.example")
        #expect(try await harbor.call("GET", "/v1/billing", accountant).status == 200)
        #expect(try await harbor.call("GET", "/v1/project", accountant).status == 403)
    }

    @Test func `Z12 a database's credential opens it, and the one before a rotation does not`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["database:create", "database:rotate"])
        let made = try await harbor.call("POST", "/v1/database", key, ["name": "orders"])
        try made.mustSucceed()
        let id = made.json.at("database", "id").text ?? ""
        let old = made.json.at("credential").text ?? ""
        func basic(_ credential: String) -> [(String, String)] {
            [("Authorization", "Basic \(Data("any:\(credential)".utf8).base64EncodedString())")]
        }
        let path = "/data/\(id)/order-1"
        let put = try await harbor.api.send("PUT", path, basic(old), bytes: Array("seven lamps".utf8))
        #expect(put.status == 204, "\(put.text)")
        #expect(try await harbor.api.get(path, basic(old)).text == "seven lamps")
        #expect(try await harbor.api.get(path).status == 401)
        let rotated = try harbor.cli(["databases", "rotate", id], key: key)
        #expect(rotated.status == 0, "\(rotated.errors)")
        let new = rotated.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(new != old)
        #expect(try await harbor.api.get(path, basic(old)).status == 401)
        #expect(try await harbor.api.get(path, basic(new)).text == "seven lamps")
        let other = try await harbor.key(["*:*"], in: "plover")
        #expect(try await harbor.call("POST", "/v1/database/\(id)/rotate", other).status == 404)
    }

    @Test func `Z12 billing is computed of what was used, and metrics count what sites answered`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        func quantity(_ item: String) async throws -> Int64 {
            let bill = try await harbor.call("GET", "/v1/billing", key).json
            return bill.at("lines").items.first { $0.at("item").text == item }?.at("quantity").integerValue ?? -1
        }
        #expect(try await quantity("deployments") == 0)
        try harbor.repository("pages", [("main", "twelve bytes")])
        let project = try await harbor.project("pages", key)
        _ = try await harbor.deploy(project, key)
        _ = try await harbor.deploy(project, key)
        for _ in 0..<5 { _ = try await harbor.page(project) }
        #expect(try await harbor.page(project, "/nothing").status == 404)
        #expect(try await quantity("deployments") == 2)
        #expect(try await quantity("requests") == 6)
        let metrics = try await harbor.call("GET", "/v1/project/\(project)/metric", key).json
        #expect(metrics.at("requests") == 6)
        #expect(metrics.at("errors") == 1)
        #expect(metrics.at("bytes").integerValue ?? 0 >= 60)
        let log = try await harbor.call("GET", "/v1/project/\(project)/log", key).text
        #expect(log.contains("GET /nothing 404"))
        let other = try await harbor.key(["*:*"], in: "plover")
        let theirs = try await harbor.call("GET", "/v1/billing", other).json
        #expect(theirs.at("total_cents") == 0)
    }

    @Test func `Z12 a signed push of the connected repository deploys, and no other does`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "pushed words")])
        let project = try await harbor.project("pages", key)
        let connected = try await harbor.call("PUT", "/v1/project/\(project)/github", key, ["repository": "tern/pages"])
        try connected.mustSucceed()
        let secret = connected.json.at("secret").text ?? ""
        func push(
            _ delivery: String, ref: String = "refs/heads/main", repository: String = "tern/pages", secret: String
        ) async throws -> Reply {
            let body: JSON = ["ref": .string(ref), "repository": ["full_name": .string(repository)]]
            let bytes = body.serialized()
            let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Data(secret.utf8)))
            let hex = code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            return try await harbor.api.send(
                "POST", "/hooks/github/\(project)",
                [
                    ("X-Hub-Signature-256", "sha256=\(hex)"), ("X-GitHub-Event", "push"),
                    ("X-GitHub-Delivery", delivery),
                ], bytes: bytes)
        }
        #expect(try await push("d0", secret: "another").status == 401)
        #expect(try await push("d1", repository: "other/pages", secret: secret).status == 409)
        #expect(try await push("d2", ref: "refs/heads/night", secret: secret).json.at("deployment") == .null)
        let taken = try await push("d3", secret: secret)
        #expect(taken.status == 202)
        let ended = try await harbor.ended(taken.json.at("deployment").text ?? "", of: project, key)
        #expect(ended.at("status").text == "published")
        #expect(ended.at("trigger").text == "push")
        #expect(try await harbor.page(project).text == "pushed words")
        #expect(try await push("d3", secret: secret).json.at("deployment") == .null)
        // Neither lists nor files show the secret again.
        #expect(!(try await harbor.call("GET", "/v1/github", key)).text.contains(secret))
    }

    @Test func `Z12 an AI key is used where it belongs, kept encrypted, and never shown`() async throws {
        let provider = try ScriptedServer([
            ScriptedServer.answer("200 OK", ["Content-Type: text/plain"], "an answer to invented-ai-key-000111")
        ])
        let harbor = try await RunningHarbor.start("--ai-provider", "http://127.0.0.1:\(provider.port)/complete")
        let key = try await harbor.key(["*:*"])
        let secret = "invented-ai-key-000111"
        let made = try await harbor.call("POST", "/v1/ai-key", key, ["name": "writer", "key": .string(secret)])
        try made.mustSucceed()
        let id = made.json.at("id").text ?? ""
        let used = try await harbor.call("POST", "/v1/ai-key/\(id)/complete", key, ["prompt": "say something"])
        #expect(used.json.at("status") == 200, "\(used.text)")
        #expect(used.json.at("text").text == "an answer to (hidden)")
        #expect(provider.requests.first?.lowercased().contains("authorization: bearer \(secret)") == true)
        let list = try await harbor.call("GET", "/v1/ai-key", key)
        #expect(list.json.at("data").items.first?.at("uses") == 1)
        for reply in [made, used, list] { #expect(!reply.text.contains(secret)) }
        let other = try await harbor.key(["*:*"], in: "plover")
        #expect(try await harbor.call("POST", "/v1/ai-key/\(id)/complete", other, ["prompt": "x"]).status == 404)
        harbor.stop()
        for name in ["harbor.sqlite", "harbor.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: harbor.data.appendingPathComponent(name).path) ?? Data()
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name) holds the key")
        }
    }
}
