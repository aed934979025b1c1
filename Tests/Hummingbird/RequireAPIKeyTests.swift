import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KeybearerAPI
import KeybearerClient
import KeybearerHummingbird
import KeybearerTestHarness
import Testing

/// A Hummingbird application behind the middleware, asking a real server.
@Suite struct `An application behind requireAPIKey` {
    private struct Scene {
        let server: RunningServer
        let team: Team

        static func start(_ settings: String = "") async throws -> Scene {
            let server = try await RunningServer.start(settings)
            let team = try Team(server)
            try await team.organization("tern")
            try await team.member("ana@tern.example", of: "tern", role: "owner")
            return Scene(server: server, team: team)
        }

        func key(_ permissions: [String], allowedIPs: [String] = []) async throws -> (text: String, id: String) {
            let answer = try await team.key(
                "CI", as: "ana@tern.example", in: "tern", permissions: permissions, allowedIPs: allowedIPs)
            return (answer.at("key").text ?? "", answer.at("api_key", "id").text ?? "")
        }

        func application() throws -> some ApplicationProtocol {
            let address = try #require(ServerAddress("http://127.0.0.1:\(server.verificationPort)"))
            let verifier = RemoteVerifier(address)
            let router = Router(context: BasicAPIKeyRequestContext.self)
            router.group("deployments").requireAPIKey("project:deploy", by: verifier)
                .post { _, context in try context.requireAPIKeyIdentity().organization }
                .get("broken") { _, _ -> String in throw HTTPError(.conflict) }
            router.group("projects/:id").requireAPIKey(by: verifier) { _, context in
                "project/\(try context.parameters.require("id")):deploy"
            }.post { _, _ in "deployed" }
            return Application(router: router)
        }
    }

    private static func bearer(_ key: String) -> HTTPFields { [.authorization: "Bearer \(key)"] }

    private static func name(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .accept }

    private static func code(_ response: TestResponse) -> String? {
        (try? JSON.parse(response.body.readableBytesView))?["code"]?.text
    }

    @Test func `a key with the permission gets in, and the handler knows whose it is`() async throws {
        let scene = try await Scene.start()
        let key = try await scene.key(["project:deploy"]).text
        try await scene.application().test(.live) { client in
            let named: HTTPFields = [Self.name("x-api-key"): key]
            for fields in [Self.bearer(key), named] {
                let response = try await client.execute(uri: "/deployments", method: .post, headers: fields)
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == "tern")
                #expect(response.headers[Self.name("RateLimit-Policy")]?.contains("w=60") == true)
                #expect(response.headers[Self.name("X-RateLimit-Remaining")] != nil)
            }
        }
    }

    @Test func `everything else is refused with its reason`() async throws {
        let scene = try await Scene.start()
        let weak = try await scene.key(["project:read"]).text
        let ended = try await scene.key(["project:deploy"])
        let elsewhere = try await scene.key(["project:deploy"], allowedIPs: ["203.0.113.9"]).text
        _ = try await scene.server.control.send(
            "POST", "/v1/api-keys/\(ended.id)/revoke", scene.team.acting(as: "ana@tern.example", in: "tern"), [:])
        try await scene.application().test(.live) { client in
            func ask(_ fields: HTTPFields) async throws -> String {
                let response = try await client.execute(uri: "/deployments", method: .post, headers: fields)
                let challenge = response.headers[.wwwAuthenticate] ?? "-"
                return "\(response.status.code) \(Self.code(response) ?? "-") \(challenge)"
            }
            let realm = "Bearer realm=\"api\""
            let scope = "error=\"insufficient_scope\", scope=\"project:deploy\""
            var two = Self.bearer(weak)
            two[Self.name("x-api-key")] = ended.text
            // The fields of a peer that nobody trusts change nothing.
            var forged = Self.bearer(elsewhere)
            forged[Self.name("x-forwarded-for")] = "203.0.113.9"
            let expectations: [(HTTPFields, String)] = [
                ([:], "401 missing \(realm)"),
                (Self.bearer("sk_x"), "401 invalid_api_key \(realm), error=\"invalid_token\""),
                (Self.bearer(ended.text), "401 revoked \(realm), error=\"invalid_token\""),
                (Self.bearer(elsewhere), "403 ip_not_allowed -"), (forged, "403 ip_not_allowed -"),
                (Self.bearer(weak), "403 insufficient_permissions \(realm), \(scope)"),
                (two, "400 ambiguous_credentials -"),
            ]
            for (fields, expected) in expectations {
                let answer = try await ask(fields)
                #expect(answer == expected)
            }
        }
    }

    @Test func `a permission can name what the path names`() async throws {
        let scene = try await Scene.start()
        let key = try await scene.key(["project/one:deploy"]).text
        try await scene.application().test(.live) { client in
            for (path, status) in [("/projects/one", 200), ("/projects/two", 403), ("/projects/%20:*", 403)] {
                let response = try await client.execute(uri: path, method: .post, headers: Self.bearer(key))
                #expect(response.status.code == status, "\(path)")
            }
        }
    }

    @Test func `the route's own refusals carry the rate limit, and a used-up one answers 429`() async throws {
        let scene = try await Scene.start(
            "plans: {enterprise: {active_keys: 5, features: [tenant_api_keys], rate_limit: {requests: 2, window_seconds: 3600}}}"
        )
        let key = try await scene.key(["project:deploy"]).text
        try await scene.application().test(.live) { client in
            let broken = try await client.execute(uri: "/deployments/broken", method: .get, headers: Self.bearer(key))
            #expect(broken.status == .conflict)
            #expect(broken.headers[Self.name("X-RateLimit-Remaining")] == "1")
            _ = try await client.execute(uri: "/deployments", method: .post, headers: Self.bearer(key))
            let third = try await client.execute(uri: "/deployments", method: .post, headers: Self.bearer(key))
            #expect(third.status == .tooManyRequests)
            #expect(third.headers[.retryAfter] != nil)
        }
    }

    @Test func `without a verifier that answers, nobody gets in`() async throws {
        let scene = try await Scene.start()
        let key = try await scene.key(["project:deploy"]).text
        scene.server.kill()
        try await scene.application().test(.live) { client in
            let response = try await client.execute(uri: "/deployments", method: .post, headers: Self.bearer(key))
            #expect(response.status == .serviceUnavailable)
            #expect(Self.code(response) == "unavailable")
        }
    }
}
