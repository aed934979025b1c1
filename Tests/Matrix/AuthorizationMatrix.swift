import KeybearerAPI
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerTestHarness
import Testing

/// Every route, asked by every kind of caller through every carrier of a credential.
@Suite struct `Authorization matrix` {
    @Test func `A2 every route has a row in the policy, and every row a route`() {
        let routed = Set(ControlPlane.routeTable.map(\.operation.rawValue))
        // Links are opened, and devices let in, by pages alone, which have their own tests.
        #expect(routed == Set(Expectation.byOperation.keys).subtracting(["link.open", "device.decide"]))
    }

    @Test(arguments: [true, false])
    func `A1 A5 A6 A41 A42 every caller gets what the policy says on every route`(ownersManageKeys: Bool) async throws {
        let server = try await RunningServer.start(
            """
            keys: {managed_by: \(ownersManageKeys ? "owner" : "permission")}
            roles: {auditor: ["audit:read", "role:read"], keymaster: ["api_key:*", "project:read"]}
            """)
        let team = try Team(server)
        let askers = try await Self.askers(team)
        var disagreements: [String] = []
        var asked = 0
        for route in ControlPlane.routeTable {
            let operation = route.operation.rawValue
            guard let expectation = Expectation.byOperation[operation] else { continue }
            for asker in askers {
                // The operator without an organization asks only what needs none; with one, everything.
                let reply = try await server.control.send(
                    route.method, Self.path(route.path), asker.headers,
                    Self.hasBody(route.method) ? Self.harmlessBody(operation) : nil)
                asked += 1
                let expected = Outcome.expected(operation, expectation, asker, ownersManageKeys: ownersManageKeys)
                if let problem = Self.disagreement(reply, expected) {
                    disagreements.append("\(asker.name) on \(route.method) \(route.path): \(problem)")
                }
            }
        }
        #expect(asked >= ControlPlane.routeTable.count * 20)
        #expect(disagreements.isEmpty, "\(disagreements.joined(separator: "\n"))")
    }

    private static func disagreement(_ reply: Reply, _ expected: Outcome) -> String? {
        switch expected {
        case .allowed:
            let isRefused =
                reply.status == 403 && reply.code != "not_allowed"
                || reply.status == 401
                    && !["invalid_credentials", "invalid_token"].contains(reply.code ?? "")
                || reply.status >= 500
            return isRefused ? "expected to be let through, got \(reply.status) \(reply.text)" : nil
        case .refused(let status, let code):
            let isAsExpected = reply.status == status && reply.code == code
            return isAsExpected ? nil : "expected \(status) \(code), got \(reply.status) \(reply.text)"
        }
    }

    private static func hasBody(_ method: String) -> Bool { ["POST", "PUT", "PATCH"].contains(method) }

    /// Identifiers that nothing has, so that whoever is let through changes nothing.
    private static func path(_ template: String) -> String {
        let nothing = "0".padding(26)
        return
            template
            .replacing("/api-keys/{id}", with: "/api-keys/key_\(nothing)")
            .replacing("/members/{id}", with: "/members/usr_\(nothing)")
            .replacing("/invitations/{id}", with: "/invitations/inv_\(nothing)")
            .replacing("/sessions/{id}", with: "/sessions/ses_\(nothing)")
            .replacing("{slug}", with: "no-such-organization")
            .replacing("{email}", with: "nobody@nowhere.example")
            .replacing(#/\{[a-z]+\}/#, with: "nothing-of-that-name")
    }

    /// A body that no operation can carry out, so that whoever is let through changes nothing.
    private static func harmlessBody(_ operation: String) -> JSON {
        operation == "api_key.explain" || operation == "api_key.rotate" || operation == "api_key.revoke"
            ? [:] : ["no_such_field": true]
    }

    private static func askers(_ team: Team) async throws -> [Asker] {
        for slug in ["tern", "gull"] { try await team.organization(slug) }
        let people = [
            ("owner", "olga"), ("admin", "adam"), ("member", "mia"), ("auditor", "aud"), ("keymaster", "kim"),
        ]
        for (role, name) in people { try await team.member("\(name)@tern.example", of: "tern", role: role) }
        try await team.member("stranger@gull.example", of: "gull", role: "owner")
        let held: [String: Set<String>] = [
            "owner": ["*:*"],
            "admin": ["organization:*", "member:*", "audit:*", "project:*", "invoice:*"],
            "member": ["organization:read", "member:read", "project:read", "invoice:read"],
            "auditor": ["audit:read", "role:read"], "keymaster": ["api_key:*", "project:read"],
        ]
        let inTern = [("Keybearer-Organization", "tern")]
        var askers = [Asker(name: "nobody", kind: .nobody, isOwner: false, permissions: [], headers: inTern)]
        func add(
            _ name: String, _ kind: Asker.Kind, isOwner: Bool = false, _ held: Set<String>, token: String,
            _ more: [(String, String)]
        ) {
            for carrier in ["Authorization", "x-api-key"] {
                let value = carrier == "Authorization" ? "Bearer \(token)" : token
                askers.append(
                    Asker(
                        name: "\(name) by \(carrier)", kind: kind, isOwner: isOwner, permissions: held,
                        headers: [(carrier, value)] + more))
            }
        }
        for (role, name) in people {
            let token = try await team.session("\(name)@tern.example")
            add("the session of the \(role)", .person, isOwner: role == "owner", held[role] ?? [], token: token, inTern)
            let behalf = inTern + [("Keybearer-On-Behalf-Of", "\(name)@tern.example")]
            askers.append(
                Asker(
                    name: "the operator for the \(role)", kind: .key, isOwner: role == "owner",
                    permissions: held[role] ?? [], headers: [("Authorization", "Bearer \(team.operatorToken)")] + behalf
                ))
        }
        let stranger = try await team.session("stranger@gull.example")
        add("a stranger's session", .stranger, ["*:*"], token: stranger, inTern)
        for permissions: Set<String> in [
            [], ["*:*"], ["api_key:read"], ["api_key:*"], ["member:manage"], ["role:manage"], ["audit:read"],
            ["organization:update"],
        ] {
            let key = try await team.key(
                "matrix \(permissions)", as: "olga@tern.example", in: "tern", permissions: permissions.sorted())
            let token = key.at("key").text ?? ""
            add("a key with \(permissions.sorted())", .key, permissions, token: token, [])
        }
        add("the operator", .operator, ["*:*"], token: team.operatorToken, inTern)
        add(
            "the read-only operator", .readOnlyOperator, ["*:*"], token: try team.server.operatorToken("--read-only"),
            inTern)
        return askers
    }
}

extension String {
    fileprivate func padding(_ length: Int) -> String { String(repeating: self, count: length) }
}
