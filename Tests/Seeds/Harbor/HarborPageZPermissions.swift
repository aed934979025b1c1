import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The sentences of page Z on the platform that they are about, Z7 to Z12.
@Suite struct `Harbor, page Z, permissions and rotation` {
    @Test func `Z7 automation needs no org set; listing organizations needs a user's login`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        #expect(try harbor.cli(["projects"], key: key).status == 0)
        let listing = try harbor.cli(["org", "list"], key: key)
        #expect(listing.status == 4)
        #expect(listing.errors.contains("sign in"))
        let reply = try await harbor.call("GET", "/v1/organizations", key)
        #expect(reply.status == 403)
        #expect(reply.code == "user_login_required")
        let session = try await harbor.session("ana@tern.example")
        #expect(try await harbor.call("GET", "/v1/organizations", session).text.contains("tern"))
    }

    @Test func `Z8 each of the five examples is granted alone, to a key and to a member by the same words`()
        async throws
    {
        let harbor = try await RunningHarbor.start()
        let all = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "x")])
        let first = try await harbor.project("first", all, repository: "pages")
        let second = try await harbor.project("second", all, repository: "pages")
        _ = try await harbor.deploy(first, all)
        let base =
            try await harbor.call("POST", "/v1/database", all, ["name": "orders"]).json.at("database", "id").text ?? ""
        let project: JSON = ["name": "third", "type": "http", "repository": "local:pages"]
        let deployment: JSON = ["branch": "main"]
        // What is asked, and the permission that alone opens it.
        let calls: [(permission: String, method: String, path: String, body: JSON?)] = [
            ("project/\(first):deploy", "POST", "/v1/project/\(first)/deployment", deployment),
            ("log/\(first):read", "GET", "/v1/project/\(first)/log", nil),
            ("metric:read", "GET", "/v1/project/\(first)/metric", nil),
            ("project:create", "POST", "/v1/project", project),
            ("build:read", "GET", "/v1/build", nil),
            ("database/\(base):rotate", "POST", "/v1/database/\(base)/rotate", nil),
        ]
        try await harbor.guestRole(in: "tern", by: "ana@tern.example")
        let mia = try await harbor.member("mia@tern.example", of: "tern", role: "guest")
        let session = try await harbor.session("mia@tern.example")
        for (permission, _, _, _) in calls {
            let made = try await harbor.made("for \(permission)", as: "ana@tern.example", in: "tern", [permission])
            let key = made.at("key").text ?? ""
            try await harbor.grant([permission], to: mia, in: "tern", by: "ana@tern.example")
            for other in calls {
                for credential in [key, session] {
                    let reply = try await harbor.call(other.method, other.path, credential, other.body)
                    let isGranted = other.permission == permission
                    #expect((reply.status < 300) == isGranted, "\(permission): \(other.path) \(reply.text)")
                    if !isGranted { #expect(reply.code == "insufficient_permissions") }
                    if isGranted, permission == "project:create" {
                        let id = reply.json.at("id").text ?? ""
                        #expect(try await harbor.call("DELETE", "/v1/project/\(id)", all).status == 204)
                    }
                }
            }
            let elsewhere = try await harbor.call("POST", "/v1/project/\(second)/deployment", key, deployment)
            #expect(elsewhere.status == 403)
        }
    }

    @Test func `Z9 a leaked key can do what it was granted, from where it may, and nothing else`() async throws {
        let harbor = try await RunningHarbor.start()
        let all = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "x")])
        let project = try await harbor.project("pages", all)
        let leaked =
            try await harbor.made(
                "leaked", as: "ana@tern.example", in: "tern", ["project/\(project):deploy"],
                ["allowed_ips": ["127.0.0.1"]]
            ).at("key").text ?? ""
        #expect(try await harbor.deploy(project, leaked).at("status").text == "published")
        let attempts: [(String, String, JSON?)] = [
            ("GET", "/v1/project", nil), ("DELETE", "/v1/project/\(project)", nil), ("GET", "/v1/billing", nil),
            ("GET", "/v1/database", nil), ("GET", "/v1/ai-key", nil), ("GET", "/v1/github", nil),
            ("GET", "/v1/api-keys", nil), ("POST", "/v1/api-keys", ["name": "more", "permissions": ["*:*"]]),
            ("GET", "/v1/project/\(project)/log", nil),
        ]
        for (method, path, body) in attempts {
            #expect(try await harbor.call(method, path, leaked, body).status == 403, "\(method) \(path)")
        }
        let empty = try await harbor.made("empty", as: "ana@tern.example", in: "tern", []).at("key").text ?? ""
        #expect(try await harbor.call("GET", "/v1/project", empty).status == 403)
    }

    @Test func `Z10 with addresses every other one is refused, and CIDR is not accepted`() async throws {
        let harbor = try await RunningHarbor.start()
        _ = try await harbor.key(["*:*"])
        for (addresses, status) in [
            ([], 200), (["127.0.0.1"], 200), (["::ffff:127.0.0.1"], 200), (["203.0.113.9", "2001:db8::1"], 403),
        ] {
            let made = try await harbor.made(
                "from \(addresses)", as: "ana@tern.example", in: "tern", ["project:read"],
                ["allowed_ips": JSON(addresses)])
            let reply = try await harbor.call("GET", "/v1/project", made.at("key").text ?? "")
            #expect(reply.status == status, "\(addresses): \(reply.text)")
            // No header of the client's own moves it.
            let forged = try await harbor.api.get(
                "/v1/project", harbor.bearer(made.at("key").text ?? "") + [("X-Forwarded-For", "203.0.113.9")])
            #expect(forged.status == status)
        }
        let block = try await harbor.api.send(
            "POST", "/v1/api-keys", harbor.acting(as: "ana@tern.example", in: "tern"),
            ["name": "x", "permissions": [], "allowed_ips": ["127.0.0.0/8"]])
        #expect(block.status == 422)
        #expect(block.code == "cidr_not_accepted")
    }

    @Test func `Z11 create, update, validate usage, revoke: a client at 50 requests a second sees no failure`()
        async throws
    {
        let harbor = try await RunningHarbor.start()
        _ = try await harbor.key(["*:*"])
        let old = try await harbor.made("old", as: "ana@tern.example", in: "tern", ["project:read"])
        let client = SteadyClient(harbor.api, path: "/v1/project", key: old.at("key").text ?? "")
        let running = Task { try await client.run() }
        let headers = harbor.acting(as: "ana@tern.example", in: "tern")
        let new = try await harbor.made("new", as: "ana@tern.example", in: "tern", ["project:read"])
        try await client.answered(25)
        await client.use(new.at("key").text ?? "")
        try await client.answered(25)
        // The new key's use is seen before the old one ends; the old one's stands still.
        func uses(_ made: JSON) async throws -> JSON {
            try await harbor.api.get("/v1/api-keys/\(made.at("api_key", "id").text ?? "")/usage", headers).json
        }
        #expect(try await uses(new).at("last_used_at").text != nil)
        let before = try await uses(old)
        try await client.answered(25)
        #expect(try await uses(old).at("last_used_at") == before.at("last_used_at"))
        let id = old.at("api_key", "id").text ?? ""
        let revoked = try await harbor.api.send("POST", "/v1/api-keys/\(id)/revoke", headers, ["reason": "rotated"])
        #expect(revoked.status == 200)
        #expect(try await harbor.call("GET", "/v1/project", old.at("key").text ?? "").status == 401)
        try await client.answered(25)
        await client.end()
        let failures = try await running.value
        #expect(failures.isEmpty, "\(failures)")
    }
}

/// Sends 50 requests a second until it is told to end, with the key that it holds at the moment.
private actor SteadyClient {
    private let address: HTTPAddress
    private let path: String
    private var key: String
    private var isEnded = false
    private var count = 0

    init(_ address: HTTPAddress, path: String, key: String) {
        self.address = address
        self.path = path
        self.key = key
    }

    func use(_ key: String) { self.key = key }

    func end() { isEnded = true }

    /// Waits until so many more requests have been answered.
    func answered(_ more: Int) async throws {
        let goal = count + more
        while count < goal {
            guard !isEnded else { throw HarnessError("the client has ended") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// - Returns: every answer that was not 200.
    func run() async throws -> [String] {
        var failures: [String] = []
        var next = ContinuousClock.now
        while !isEnded {
            let reply = try await address.get(path, [("Authorization", "Bearer \(key)")])
            count += 1
            if reply.status != 200 { failures.append("\(reply.status) \(reply.text)") }
            next = max(next.advanced(by: .milliseconds(20)), .now)
            try await Task.sleep(until: next, clock: .continuous)
        }
        return failures
    }
}
