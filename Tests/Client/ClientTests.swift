import Foundation
import KeybearerAPI
import KeybearerClient
import KeybearerTestHarness
import Testing

/// The client library against the real program.
@Suite struct `The client` {
    private struct Scene {
        let server: RunningServer
        let team: Team
        let person: Client
        let backend: Client

        static func start() async throws -> Scene {
            let server = try await RunningServer.start()
            let team = try Team(server)
            let address = try #require(ServerAddress("http://127.0.0.1:\(server.controlPort)"))
            let backend = Client(address, credential: Credential(team.operatorToken))
            _ = try await backend.putOrganization("tern", name: "Tern & co", plan: "enterprise")
            _ = try await backend.putMember(of: "tern", email: "ana@tern.example", role: "owner", name: "Ana")
            let token = try await team.session("ana@tern.example")
            return Scene(
                server: server, team: team, person: Client(address, credential: Credential(token)), backend: backend)
        }

        var verification: ServerAddress {
            get throws { try #require(ServerAddress("http://127.0.0.1:\(server.verificationPort)")) }
        }
    }

    @Test func `a key is made, found, used, changed, rotated and revoked`() async throws {
        let scene = try await Scene.start()
        let ana = scene.person
        let issued = try await ana.createKey(
            NewKey(
                name: "CI", permissions: ["project:deploy"], expiresAt: "2099-01-01T00:00:00.000Z",
                labels: [LabelField(key: "team", value: "web")]))
        #expect(issued.text.hasPrefix("sk_"))
        #expect(try await ana.key(issued.key.id).labels == [LabelField(key: "team", value: "web")])
        let asked = RemoteVerifier(try scene.verification)
        let verdict = try await asked.verify(issued.text, permission: "project:deploy")
        #expect(verdict.isValid)
        #expect(verdict.organization?.slug == "tern")
        #expect(verdict.rateLimit?.policy == "default")
        #expect(try await asked.verify(issued.text, permission: "project:delete").code == "insufficient_permissions")
        let changed = try await ana.updateKey(issued.key.id, KeyChanges(name: "CI 2", expiresAt: .null))
        #expect(changed.name == "CI 2")
        #expect(changed.expiresAt == nil)
        #expect(try await ana.explain(issued.key.id, permission: "project:delete").code == "insufficient_permissions")
        #expect(try await ana.usage(issued.key.id).granularity == "hour")
        let successor = try await ana.rotateKey(issued.key.id, overlapSeconds: 60)
        #expect(successor.key.rotatedFrom == issued.key.id)
        let revoked = try await ana.revokeKey(successor.key.id, reason: "test")
        #expect(revoked.revocation.isComplete)
        #expect(try await asked.verify(successor.text).code == "revoked")
        let bulk = try await ana.revokeKeys(KeyFilter(label: "team=web"), dryRun: true)
        #expect(bulk.isDryRun)
        #expect(bulk.apiKeys.map(\.id) == [issued.key.id])
    }

    @Test func `lists are walked page by page`() async throws {
        let scene = try await Scene.start()
        for number in 0..<7 { _ = try await scene.person.createKey(NewKey(name: "key \(number)")) }
        var names: [String] = []
        for try await key in scene.person.keys(.all, pageSize: 3) { names.append(key.name) }
        #expect(names == (0..<7).reversed().map { "key \($0)" })
        #expect(try await scene.person.keys(.all, pageSize: 2).collect(limit: 3).count == 3)
        let page = try await scene.person.keys(.all, pageSize: 3).page()
        #expect(page.data.count == 3)
        #expect(page.nextCursor != nil)
    }

    @Test func `people, roles, invitations, sessions and the log are typed too`() async throws {
        let scene = try await Scene.start()
        let ana = scene.person
        let me = try await ana.caller()
        #expect(me.email == "ana@tern.example")
        #expect(me.organization?.slug == "tern")
        #expect(try await ana.organizations().collect().map(\.slug) == ["tern"])
        #expect(try await ana.currentOrganization().quota.limit == nil)
        #expect(try await ana.renameOrganization("Tern").name == "Tern")
        #expect(try await ana.putRole("helpdesk", permissions: ["invoice:read"]).isBuiltIn == false)
        #expect(try await ana.roles().collect().contains { $0.name == "helpdesk" })
        let invited = try await ana.invite("ben@tern.example", role: "helpdesk")
        #expect(try await ana.invitations().collect().map(\.email) == ["ben@tern.example"])
        let link = try #require(invited.url.split(separator: "/").last)
        let accepted = try await Client(ana.server).acceptInvitation(
            String(link), name: "Ben", password: "a long enough pass phrase")
        #expect(accepted.role == "helpdesk")
        let ben = try #require(try await ana.members().collect().first { $0.user.name == "Ben" })
        #expect(try await ana.putMember(ben.user.id, grants: ["project:read"]).grants == ["project:read"])
        let session = try await Client(ana.server).signIn(
            email: "ben@tern.example", password: "a long enough pass phrase")
        let asBen = Client(ana.server, credential: Credential(session.token))
        #expect(try await asBen.sessions().collect().count == 1)
        try await asBen.endSession()
        #expect(try await ana.removeMember(ben.user.id).isEmpty)
        #expect(try await ana.permissions().resources.contains { $0.name == "api_key" })
        #expect(try await ana.auditEvents(action: "role.put").collect().map(\.target) == ["helpdesk"])
        try await ana.removeRole("helpdesk")
        #expect(try await scene.backend.plans().collect().contains { $0.name == "pro" })
        #expect(try await scene.backend.nodes().collect().map(\.name) == ["node-a"])
        #expect(try await scene.backend.putUser("ana@tern.example", verified: true).isVerified)
        #expect(
            try await scene.backend.createSignInLink(email: "ana@tern.example", organization: "tern").url
                .contains("/sign-in/link/"))
    }

    @Test func `a refusal carries code, fields and the request's name`() async throws {
        let scene = try await Scene.start()
        let error = try await #require(throws: ClientError.self) {
            try await scene.person.createKey(
                NewKey(name: "", permissions: ["no:such"], allowedIPs: ["10.0.0.0/8"]))
        }
        guard case .refused(let refused) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(refused.status == 422)
        #expect(Set(refused.fields.map(\.code)) == ["invalid_name", "unknown_permission", "cidr_not_accepted"])
        #expect(refused.requestID?.hasPrefix("req_") == true)
    }

    @Test func `digests are looked up and verified in batches over the other listener`() async throws {
        let scene = try await Scene.start()
        let issued = try await scene.person.createKey(NewKey(name: "CI", permissions: ["project:read"]))
        let digest = SHA256Hex.of(issued.text)
        #expect(try await scene.person.lookUpKey(sha256: digest).id == issued.key.id)
        let verification = Client(try scene.verification)
        let answers = try await verification.verify([
            VerifyQuestion(.key(issued.text)), VerifyQuestion(.sha256(digest), permission: "project:read"),
            VerifyQuestion(.key("sk_nonsense")),
        ])
        #expect(answers.map(\.code) == ["valid", "valid", "malformed"])
        #expect(try await verification.introspect(issued.text).isActive)
    }

    @Test func `a gateway's question has a typed answer, and a refusal is one`() async throws {
        let scene = try await Scene.start()
        let issued = try await scene.person.createKey(NewKey(name: "CI é", permissions: ["project:read"]))
        let verification = Client(try scene.verification)
        let allowed = try await verification.authorize(issued.text, permission: "project:read")
        #expect(allowed.isAllowed)
        #expect(allowed.code == "valid")
        #expect(allowed.keyID == issued.key.id)
        #expect(allowed.keyName == "CI é")
        #expect(allowed.organization == "tern")
        #expect(allowed.organizationID?.hasPrefix("org_") == true)
        #expect(allowed.permissions == ["project:read"])
        let refused = try await verification.authorize(issued.text, permission: "project:delete")
        #expect(!refused.isAllowed)
        #expect(refused.status == 403)
        #expect(refused.code == "insufficient_permissions")
        #expect(try await verification.authorize("sk_nonsense").code == "invalid_api_key")
        // The question itself is wrong: that is no decision.
        await #expect(throws: ClientError.self) { try await verification.authorize(issued.text, permission: "no:such") }
    }

    @Test func `whether a server lives, is ready and what it counted can be asked`() async throws {
        let scene = try await Scene.start()
        let verification = Client(try scene.verification)
        for client in [scene.person, verification] {
            #expect(try await client.isAlive())
            #expect(try await client.isReady())
        }
        #expect(try await verification.metrics().contains("# TYPE "))
        #expect(try await scene.person.apiDescription()["openapi"]?.text == "3.1.0")
        let unwell = try ScriptedServer([ScriptedServer.problem(503, "unavailable", ["Retry-After: 1"])])
        let other = Client(try #require(ServerAddress("http://127.0.0.1:\(unwell.port)")))
        #expect(try await other.isReady() == false)
        #expect(unwell.requests.count == 1)
    }

    @Test func `a remote verifier keeps its connections, and opens no more than it has calls at once`() async throws {
        let scene = try await Scene.start()
        let issued = try await scene.person.createKey(NewKey(name: "CI", permissions: ["project:read"]))
        let verifier = RemoteVerifier(try scene.verification)
        let port = scene.server.verificationPort
        let before = try Self.connections(to: port)
        for _ in 0..<50 { #expect(try await verifier.verify(issued.text).isValid) }
        // None, where it took over the one that had asked whether the server is ready.
        let opened = try Self.connections(to: port) - before
        #expect(opened <= 1, "\(opened)")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        let answer = try? await verifier.verify(issued.text, permission: "project:read")
                        #expect(answer?.isValid == true)
                    }
                }
            }
        }
        #expect(try Self.connections(to: port) - before <= 8)
    }

    /// The system's connections to a port of this machine, those included that ended a moment ago.
    private static func connections(to port: Int) throws -> Int {
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").dropFirst()
        let ending = ":" + String(port, radix: 16, uppercase: true)
        return table.count { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[2].hasSuffix(ending)
        }
    }
}
