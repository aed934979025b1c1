import KeybearerAPI
import KeybearerTestHarness
import Testing

@testable import KeybearerClient

/// Held against the API's own description: what the server offers, the library has.
@Suite struct `Every call of the API` {
    private static let ways = ["get", "put", "post", "patch", "delete"]

    /// `GET /v1/api-keys/{}` for each operation of the document. `authorize` answers every method alike, for gateways.
    private static var offered: Set<String> {
        get throws {
            let paths = try JSON.parse(OpenAPI.document)["paths"]?.objectValue?.members ?? []
            return Set(
                paths.flatMap { path, operations in
                    ways.filter { operations[$0] != nil }.map {
                        "\($0.uppercased()) \(path.replacing(#/\{[^}]+\}/#, with: "{}"))"
                    }
                }
            ).filter { !$0.contains("/v1/authorize") || $0 == "GET /v1/authorize" }
        }
    }

    private static let calls: [@Sendable (Client) async throws -> Void] = [
        { _ = try await $0.caller() }, { try await $0.changePassword(current: "a", new: "b") },
        { _ = try await $0.signIn(email: "e", password: "p") }, { _ = try await $0.sessions().page() },
        { try await $0.endSession("{}") }, { try await $0.endSession() }, { _ = try await $0.startDeviceLogin() },
        { _ = try await $0.pollDeviceLogin("d") }, { _ = try await $0.organizations().page() },
        { _ = try await $0.createOrganization(name: "n", slug: "s") }, { _ = try await $0.currentOrganization() },
        { _ = try await $0.renameOrganization("n") }, { _ = try await $0.members().page() },
        { _ = try await $0.putMember("{}") }, { _ = try await $0.removeMember("{}") },
        { _ = try await $0.invitations().page() }, { _ = try await $0.invite("e", role: "r") },
        { try await $0.removeInvitation("{}") }, { _ = try await $0.acceptInvitation("t") },
        { _ = try await $0.roles().page() }, { _ = try await $0.putRole("{}", permissions: []) },
        { try await $0.removeRole("{}") }, { _ = try await $0.permissions() },
        { _ = try await $0.auditEvents().page() }, { _ = try await $0.keys().page() }, { _ = try await $0.key("{}") },
        { _ = try await $0.createKey(NewKey(name: "n")) }, { _ = try await $0.updateKey("{}", KeyChanges(name: "n")) },
        { _ = try await $0.revokeKey("{}") }, { _ = try await $0.revokeKeys(KeyFilter(label: "l"), dryRun: true) },
        { _ = try await $0.rotateKey("{}") }, { _ = try await $0.usage("{}") }, { _ = try await $0.explain("{}") },
        { _ = try await $0.lookUpKey(sha256: "s") }, { _ = try await $0.verify(VerifyQuestion(.key("k"))) },
        { _ = try await $0.verify([VerifyQuestion(.key("k"))]) }, { _ = try await $0.introspect("k") },
        { _ = try await $0.authorize("k") }, { _ = try await $0.isAlive() }, { _ = try await $0.isReady() },
        { _ = try await $0.metrics() }, { _ = try await $0.apiDescription() },
        { _ = try await $0.operatorOrganizations().page() }, { _ = try await $0.putOrganization("{}") },
        { try await $0.deleteOrganization("{}") }, { _ = try await $0.putMember(of: "{}", email: "{}") },
        { _ = try await $0.removeMember(of: "{}", email: "{}") }, { _ = try await $0.putUser("{}") },
        { _ = try await $0.plans().page() }, { _ = try await $0.nodes().page() },
        { _ = try await $0.operatorRevokeKeys(ids: ["{}"]) },
        { _ = try await $0.createSignInLink(email: "e", organization: "o") },
    ]

    @Test func `has a method, and no method asks for what the document does not have`() async throws {
        let server = try ScriptedServer([ScriptedServer.problem(404, "not_found")])
        let client = Client(
            try #require(ServerAddress("http://127.0.0.1:\(server.port)")), credential: Credential("kbs_x"))
        for call in Self.calls { await #expect(throws: ClientError.self) { try await call(client) } }
        let asked = server.requests.map { request in
            let words = request.prefix { $0 != "\r\n" }.split(separator: " ")
            let path = words[1].prefix { $0 != "?" }.replacing("%7B%7D", with: "{}")
            return "\(words[0]) \(path == "/v1/sessions/current" ? "/v1/sessions/{}" : path)"
        }
        #expect(asked.count == Self.calls.count)
        #expect(Set(asked).symmetricDifference(try Self.offered).sorted() == [])
    }
}
