import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// No call of Harbor's shows or changes what belongs to another organization, whatever a key may do at home.
@Suite struct `Harbor, tenants` {
    @Test func `every call that names a thing answers another organization's key as if it were not there`() async throws
    {
        let harbor = try await RunningHarbor.start()
        let mine = try await harbor.key(["*:*"])
        let theirs = try await harbor.key(["*:*"], in: "plover")
        try harbor.repository("pages", [("main", "mine alone")])
        let project = try await harbor.project("pages", mine)
        let deployment = try await harbor.deploy(project, mine).at("id").text ?? ""
        let database = try await harbor.call("POST", "/v1/database", mine, ["name": "orders"]).json
        let base = database.at("database", "id").text ?? ""
        let ai = try await harbor.call("POST", "/v1/ai-key", mine, ["name": "w", "key": "invented-ai-key-1"]).json
        let aiKey = ai.at("id").text ?? ""
        _ = try await harbor.call("PUT", "/v1/project/\(project)/github", mine, ["repository": "tern/pages"])
        let calls: [(String, String, JSON?)] = [
            ("GET", "/v1/project/\(project)", nil), ("POST", "/v1/project/\(project)/deployment", ["branch": "main"]),
            ("POST", "/v1/project/\(project)/rollback", [:]),
            ("GET", "/v1/project/\(project)/deployment/\(deployment)", nil),
            ("GET", "/v1/project/\(project)/log", nil), ("GET", "/v1/project/\(project)/metric", nil),
            ("GET", "/v1/build/\(deployment)", nil), ("POST", "/v1/database/\(base)/rotate", nil),
            ("DELETE", "/v1/database/\(base)", nil),
            ("PUT", "/v1/project/\(project)/github", ["repository": "plover/pages"]),
            ("DELETE", "/v1/project/\(project)/github", nil),
            ("POST", "/v1/ai-key/\(aiKey)/complete", ["prompt": "x"]), ("DELETE", "/v1/ai-key/\(aiKey)", nil),
            ("DELETE", "/v1/project/\(project)", nil),
        ]
        for (method, path, body) in calls {
            let reply = try await harbor.call(method, path, theirs, body)
            // Without a provider an AI key is refused before it is looked for.
            #expect([404, 503].contains(reply.status), "\(method) \(path): \(reply.status) \(reply.text)")
            #expect(!reply.text.contains("mine alone"))
        }
        for path in ["/v1/project", "/v1/build", "/v1/database", "/v1/github", "/v1/ai-key"] {
            let reply = try await harbor.call("GET", path, theirs)
            #expect(reply.status == 200)
            #expect(reply.json.at("data").items.isEmpty, "\(path): \(reply.text)")
            #expect(try await harbor.call("GET", path, mine).json.at("data").items.count == 1, "\(path)")
        }
        #expect(try await harbor.page(project).text == "mine alone")
    }

    @Test func `what is too large is refused, and the site stays`() async throws {
        let harbor = try await RunningHarbor.start()
        let key = try await harbor.key(["*:*"])
        let folder = try harbor.repository("pages", [("main", "small")])
        let project = try await harbor.project("pages", key)
        _ = try await harbor.deploy(project, key)
        try Data(count: 11 << 20).write(to: folder.appendingPathComponent("large.bin"))
        try harbor.commit([:], to: folder)
        let large = try await harbor.deploy(project, key)
        #expect(large.at("reason").text?.contains("larger than") == true)
        let nowhere = try await harbor.deploy(project, key, branch: "nowhere")
        #expect(nowhere.at("status").text == "failed")
        #expect(try await harbor.page(project).text == "small")
    }
}
