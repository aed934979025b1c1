import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The sentences of page Z on the platform that they are about, Z1 to Z6; each on the real programs.
@Suite struct `Harbor, page Z, keys and their use` {
    @Test func `Z1 a pipeline lists, deploys and reads logs with a key alone, after its creator has left`() async throws
    {
        let harbor = try await RunningHarbor.start()
        try await harbor.organization("tern")
        for email in ["ana@tern.example", "bo@tern.example"] {
            try await harbor.member(email, of: "tern", role: "owner")
        }
        let key = try await harbor.made("nightly", as: "ana@tern.example", in: "tern", ["*:*"]).at("key").text ?? ""
        try harbor.repository("pages", [("main", "first words")])
        let project = try await harbor.project("pages", key)
        let removed = try await harbor.api.send(
            "DELETE", "/v1/operator/organizations/tern/members/ana@tern.example", harbor.bearer(harbor.operatorToken))
        #expect(removed.status == 200)
        #expect(try await harbor.deploy(project, key).at("status").text == "published")
        #expect(try await harbor.page(project).text == "first words")
        let log = try await harbor.call("GET", "/v1/project/\(project)/log", key)
        #expect(log.text.contains("published"))
    }

    @Test func `Z2 a key's organization, creator, permissions and addresses hold on Harbor's own calls`() async throws {
        let harbor = try await RunningHarbor.start()
        let all = try await harbor.key(["*:*"])
        let other = try await harbor.key(["*:*"], in: "plover")
        try harbor.repository("pages", [("main", "x")])
        let project = try await harbor.project("pages", all)
        // The organization: another's key finds nothing, whatever it may do at home.
        #expect(try await harbor.call("GET", "/v1/project/\(project)", other).status == 404)
        #expect(try await harbor.call("GET", "/v1/project", other).json.at("total") == 0)
        // The creator.
        let made = try await harbor.made("reader", as: "ana@tern.example", in: "tern", ["project:read"])
        #expect(made.at("api_key", "created_by", "name").text == "Test Person")
        // The permissions.
        let reader = made.at("key").text ?? ""
        #expect(try await harbor.call("GET", "/v1/project/\(project)", reader).status == 200)
        let refused = try await harbor.call("DELETE", "/v1/project/\(project)", reader)
        #expect(refused.status == 403)
        #expect(refused.code == "insufficient_permissions")
        #expect(refused.header("WWW-Authenticate")?.contains("project/\(project):delete") == true)
        // The addresses.
        let elsewhere = try await harbor.made(
            "elsewhere", as: "ana@tern.example", in: "tern", ["*:*"], ["allowed_ips": ["203.0.113.9"]])
        let away = try await harbor.call("GET", "/v1/project", elsewhere.at("key").text ?? "")
        #expect(away.status == 403)
        #expect(away.code == "ip_not_allowed")
    }

    @Test func `Z4 the key is shown once; lists, logs and Harbor's own database hold its preview at most`() async throws
    {
        let harbor = try await RunningHarbor.start()
        try await harbor.organization("tern")
        try await harbor.member("ana@tern.example", of: "tern", role: "owner")
        let made = try await harbor.made("once", as: "ana@tern.example", in: "tern", ["*:*"])
        let key = made.at("key").text ?? ""
        #expect(key.hasPrefix("hbr_"))
        #expect(key.count == 68)
        #expect(try await harbor.call("GET", "/v1/project", key).status == 200)
        let id = made.at("api_key", "id").text ?? ""
        for path in ["/v1/api-keys", "/v1/api-keys/\(id)", "/v1/api-keys/\(id)/usage", "/v1/audit-events", "/v1/me"] {
            let reply = try await harbor.call("GET", path, key)
            #expect(reply.status == 200, "\(path)")
            #expect(!reply.text.contains(key), "\(path) shows the key")
        }
        let shown = try await harbor.call("GET", "/v1/api-keys/\(id)", key).json
        #expect(shown.at("preview").text == made.at("api_key", "preview").text)
        harbor.stop()
        let files = FileManager.default.enumerator(at: harbor.folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard let bytes = FileManager.default.contents(atPath: file.path) else { continue }
            #expect(bytes.range(of: Data(key.utf8)) == nil, "\(file.lastPathComponent) holds the key")
        }
    }

    @Test func `Z5 both headers are accepted on Harbor's calls; two that differ are refused`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["project:read"])
        for headers in [[("Authorization", "Bearer \(key)")], [("x-api-key", key)]] {
            #expect(try await harbor.api.get("/v1/project", headers).status == 200)
        }
        let both = try await harbor.api.get(
            "/v1/project", [("Authorization", "Bearer \(key)"), ("x-api-key", key + "0")])
        #expect(both.status == 400)
        #expect(both.code == "ambiguous_credentials")
        let none = try await harbor.api.get("/v1/project")
        #expect(none.status == 401)
        #expect(none.header("WWW-Authenticate") != nil)
    }

    @Test func `Z6 the page's own commands work, with the variable and with a saved key`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        try harbor.repository("pages", [("main", "the main page"), ("night", "the night page")])
        let project = try await harbor.project("pages", key)
        _ = try await harbor.project("jobs", key, type: "worker", repository: "pages")
        let listed = try harbor.cli(["projects", "--type", "http", "--page", "1", "--limit", "15"], key: key)
        #expect(listed.status == 0, "\(listed.errors)")
        #expect(listed.output.contains(project))
        #expect(!listed.output.contains("jobs"))
        let deployed = try harbor.cli(["deploy", "--project", project, "--branch", "main"], key: key)
        #expect(deployed.status == 0, "\(deployed.errors)")
        #expect(deployed.output.contains("published"))
        // The build's output, as it came.
        for words in ["fetching main", "commit ", "copied index.html", "published"] {
            #expect(deployed.errors.contains(words), "\(deployed.errors)")
        }
        #expect(try await harbor.page(project).text == "the main page")
        for (value, input) in [(key, ""), ("-", key)] {
            let saved = try harbor.cli(["auth", "api-key", "--key", value], input: input)
            #expect(saved.status == 0, "\(saved.errors)")
        }
        let again = try harbor.cli(["deploy", "--project", project, "--branch", "night", "--quiet"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.errors.isEmpty)
        #expect(try await harbor.page(project).text == "the night page")
        let wrong = try harbor.cli(["deploy", "--project", project, "--branch", "nowhere"])
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("the build failed"))
        #expect(try await harbor.page(project).text == "the night page")
        let json = try harbor.cli(["projects", "--type", "worker", "--output", "json"])
        #expect(try JSON.parse(Array(json.output.utf8)).at("data").items.first?.at("name").text == "jobs")
    }
}
