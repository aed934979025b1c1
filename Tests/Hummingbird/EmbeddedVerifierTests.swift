import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KeybearerAPI
import KeybearerAdministration
import KeybearerHummingbird
import KeybearerStore
import KeybearerTestHarness
import KeybearerVerification
import Logging
import Testing

/// An application that decides in its own process, on the database of a server that runs beside it.
@Suite struct `An application with a verifier of its own` {
    private static func verifier(_ server: RunningServer) async throws -> Verifier {
        let format = try #require(KeyFormat(prefix: "sk"))
        let catalogue = try PermissionCatalogue(resources: ["project": ["read", "deploy"]])
        let limit = try #require(RateLimitPolicy(requests: 100, windowSeconds: 60))
        let plan = Plan(name: "enterprise", activeKeys: nil, features: ["tenant_api_keys"], rateLimit: limit)
        let rules = Rules(
            catalogue: catalogue, plans: ["enterprise": plan], keyFormat: format,
            peppers: Peppers(current: nil, retired: []))
        let memory = RecordCache(capacityInBytes: 1 << 20)
        let store = try await Store(
            database: try SQLiteDatabase(path: server.databasePath, mode: .local), memory: memory,
            nodeName: "application",
            clock: .system(), logger: Logger(label: "application") { _ in SwiftLogNoOpLogHandler() })
        return Verifier(
            format: format, peppers: rules.peppers, cache: memory,
            source: LedgerRecordSource(ledger: store, rules: rules), freshness: store, clock: .system())
    }

    @Test func `knows keys, permissions, addresses and limits, and a revoke by the next request`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("ana@tern.example", of: "tern", role: "owner")
        func key(_ permissions: [String], _ allowedIPs: [String] = []) async throws -> (HTTPFields, String) {
            let made = try await team.key(
                "CI", as: "ana@tern.example", in: "tern", permissions: permissions, allowedIPs: allowedIPs)
            return ([.authorization: "Bearer \(made.at("key").text ?? "")"], made.at("api_key", "id").text ?? "")
        }
        let (good, id) = try await key(["project:deploy"])
        let (weak, _) = try await key(["project:read"])
        let (elsewhere, _) = try await key(["project:deploy"], ["203.0.113.9"])
        let router = Router(context: BasicAPIKeyRequestContext.self)
        router.requireAPIKey("project:deploy", by: try await Self.verifier(server))
        router.post("deployments") { _, context in
            let caller = try context.requireAPIKeyIdentity()
            return "\(caller.organization) \(caller.name) \(caller.permissions)"
        }
        try await Application(router: router).test(.live) { client in
            func ask(_ fields: HTTPFields) async throws -> TestResponse {
                try await client.execute(uri: "/deployments", method: .post, headers: fields)
            }
            let answer = try await ask(good)
            #expect(String(buffer: answer.body) == "tern CI [\"project:deploy\"]")
            #expect(answer.headers[values: try #require(HTTPField.Name("RateLimit"))].count == 1)
            #expect(try await ask([:]).status == .unauthorized)
            #expect(try await ask(weak).status == .forbidden)
            #expect(try await ask(elsewhere).status == .forbidden)
            try await server.control.send(
                "POST", "/v1/api-keys/\(id)/revoke", team.acting(as: "ana@tern.example", in: "tern"), [:]
            ).mustSucceed()
            #expect(try await ask(good).status == .unauthorized)
        }
    }
}
