import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Every endpoint of Ledger, read from its own table of routes, so that none can be forgotten here.
struct Endpoint: Hashable, CustomStringConvertible {
    let method: String
    let path: String

    var description: String { "\(method) \(path)" }

    static func inSource(_ file: String, _ pattern: Regex<(Substring, Substring, Substring)>, under prefix: String)
        throws -> [Endpoint]
    {
        let source = try String(
            contentsOf: LedgerStack.example.appendingPathComponent("Sources/\(file)"), encoding: .utf8)
        return source.matches(of: pattern).map { Endpoint(method: $0.1.uppercased(), path: prefix + $0.2) }
    }

    static func api() throws -> [Endpoint] {
        try inSource("API/API.swift", /needing: "[^"]+"\)\.(get|post|put|patch|delete)\("([^"]+)"/, under: "/api/")
    }

    static func pages() throws -> [Endpoint] {
        try inSource("Pages/Pages.swift", /router\.(get|post)\("([^"]+)", use: signedIn/, under: "/")
    }

    func with(_ id: String) -> String { path.replacing(":id", with: id) }
}

@Suite(.serialized) struct `H7 on Ledger` {
    /// Two workspaces, one person in both, books and keys of each.
    private struct Scene {
        struct Side {
            let slug: String
            let key: String
            let keyID: String
            let customer: String
            let invoice: String

            /// What nobody of the other side may ever see.
            var marks: [String] { ["MARK-\(slug)", key, keyID, customer, invoice] }
        }

        let stack: LedgerStack
        let sides: [Side]
        static let person = "both@heron.example"

        static func start() async throws -> Scene {
            let stack = try await LedgerStack.start()
            var sides: [Side] = []
            for slug in ["heron", "egret"] {
                try stack.workspace(slug)
                try stack.member(person, of: slug, role: "owner")
                let key = try await stack.key("MARK-\(slug) key", as: person, in: slug)
                let booked = try await stack.book("MARK-\(slug)", key.text)
                sides.append(
                    Side(
                        slug: slug, key: key.text, keyID: key.id, customer: booked.customer, invoice: booked.invoice))
            }
            return Scene(stack: stack, sides: sides)
        }

        /// Everything that lies in a workspace, read past the program.
        func rows(of slug: String) throws -> String {
            let tables = ["customer", "invoice", "invoice_line", "membership"]
            let sql = tables.map {
                "SELECT * FROM \($0) WHERE workspace_id = (SELECT id FROM workspace WHERE slug = '\(slug)') ORDER BY 1, 2, 3;"
            }
            let database = stack.folder.path + "/run/ledger.sqlite"
            let more = "SELECT slug, name, plan, last_invoice_number FROM workspace WHERE slug = '\(slug)';"
            let outcome = try Shell.run("/usr/bin/sqlite3", [database], input: sql.joined(separator: "\n") + more)
            guard outcome.status == 0, outcome.output.contains("MARK-\(slug)") else {
                throw HarnessError(outcome.errors)
            }
            return outcome.output
        }
    }

    @Test func `no endpoint of the API shows or changes another workspace's data`() async throws {
        let scene = try await Scene.start()
        let endpoints = try Endpoint.api()
        #expect(endpoints.count >= 10)
        for (own, other) in [(scene.sides[0], scene.sides[1]), (scene.sides[1], scene.sides[0])] {
            let before = try scene.rows(of: other.slug)
            for endpoint in endpoints {
                for id in [other.customer, other.invoice, own.customer, own.invoice, other.slug] {
                    for query in ["", "?customer=\(other.customer)", "?workspace=\(other.slug)"] {
                        let reply = try await scene.stack.gateway.send(
                            endpoint.method, endpoint.with(id) + query,
                            [
                                ("Authorization", "Bearer \(own.key)"), ("Keybearer-Organization", other.slug),
                                ("X-Keybearer-Organization", other.slug),
                            ], Self.body(endpoint, other.customer))
                        #expect(other.marks.allSatisfy { !reply.text.contains($0) }, "\(endpoint) \(id): \(reply.text)")
                        let isForeign = id == other.customer || id == other.invoice
                        if endpoint.path.contains(":id") && isForeign {
                            #expect(reply.status == 404, "\(endpoint): \(reply.status)")
                        }
                    }
                }
            }
            #expect(try scene.rows(of: other.slug) == before)
        }
    }

    /// What each endpoint would accept of its own workspace, with a customer of the other one.
    private static func body(_ endpoint: Endpoint, _ customer: String) -> JSON? {
        switch (endpoint.method, endpoint.path) {
        case ("POST", "/api/invoices"):
            [
                "customer": .string(customer), "currency": "EUR", "due_on": "2030-01-31",
                "lines": [["description": "taken", "quantity": 1, "unit_cents": 1]],
            ]
        case ("GET", _): nil
        default: ["name": "taken", "email": "taken@customer.example"]
        }
    }

    @Test func `what is foreign answers like what does not exist`() async throws {
        let scene = try await Scene.start()
        let (own, other) = (scene.sides[0], scene.sides[1])
        for endpoint in try Endpoint.api() where endpoint.path.contains(":id") {
            let foreign = endpoint.path.contains("customers") ? other.customer : other.invoice
            var answers: [String] = []
            for id in [foreign, String(foreign.prefix(4)) + String(repeating: "0", count: 20)] {
                let reply = try await scene.stack.api(
                    endpoint.method, endpoint.with(id), own.key, Self.body(endpoint, other.customer))
                answers.append("\(reply.status) \(reply.text)")
            }
            #expect(answers[0] == answers[1], "\(endpoint)")
        }
    }

    @Test func `no page shows or changes the other workspace, though its reader belongs to both`() async throws {
        let scene = try await Scene.start()
        let endpoints = try Endpoint.pages().filter { $0.path != "/organizations" }
        #expect(endpoints.count >= 12)
        for (own, other) in [(scene.sides[0], scene.sides[1]), (scene.sides[1], scene.sides[0])] {
            let before = try scene.rows(of: other.slug)
            let visitor = try Visitor(scene.stack, Scene.person, in: own.slug)
            let token = try #require(
                try visitor.get("/plan").html.firstMatch(of: /name="form" value="([0-9a-f]{32})"/).map { String($0.1) })
            for endpoint in endpoints {
                for id in [other.customer, other.invoice] {
                    let page =
                        endpoint.method == "GET"
                        ? try visitor.get(endpoint.with(id))
                        : try visitor.post(
                            endpoint.with(id),
                            [
                                ("form", token), ("customer", other.customer), ("name", "taken"), ("role", "member"),
                                ("plan", "enterprise"), ("description", "taken"), ("quantity", "1"),
                                ("unit_cents", "1"), ("currency", "EUR"), ("due_on", "2030-01-31"),
                            ])
                    #expect(page.status != 403, "\(endpoint) was not tried")
                    // The choice of a language leads back to the page's own address.
                    let said = page.html.replacing("value=\"\(endpoint.with(id))\"", with: "")
                    #expect(other.marks.allSatisfy { !said.contains($0) }, "\(endpoint): \(page.html)")
                    if endpoint.path.contains(":id") { #expect(page.status == 404, "\(endpoint)") }
                }
            }
            // The key pages of one workspace know nothing of the other's keys.
            try visitor.openKeys()
            #expect(try visitor.get("/api-keys").html.contains("MARK-\(own.slug)"))
            #expect(try !visitor.get("/api-keys?status=all").html.contains("MARK-\(other.slug)"))
            for path in ["", "/edit", "/revoke", "/rotate", "/explain"] {
                #expect(try visitor.get("/api-keys/\(other.keyID)\(path)").status == 404)
            }
            #expect(try scene.rows(of: other.slug) == before)
        }
        for side in scene.sides {
            #expect(try await scene.stack.api("GET", "/api/workspace", side.key).json.at("slug").text == side.slug)
        }
    }

    @Test func `entering the other workspace ends what was open on the key pages`() async throws {
        let scene = try await Scene.start()
        let visitor = try Visitor(scene.stack, Scene.person, in: "heron")
        try visitor.openKeys()
        #expect(try visitor.get("/api-keys").html.contains("MARK-heron"))
        try visitor.post(form: "/organizations", on: "/organizations", [("workspace", "egret")])
        #expect(try visitor.get("/api-keys").status == 303)
        try visitor.openKeys()
        #expect(try visitor.get("/api-keys").html.contains("MARK-egret"))
    }

    @Test func `what the gateway keeps to Ledger cannot be reached through it`() async throws {
        let scene = try await Scene.start()
        let token = try scene.stack.acting(as: Scene.person, in: "heron")
        for (method, path) in [
            ("GET", "/v1/operator/organizations"), ("PUT", "/v1/operator/organizations/heron"),
            ("POST", "/v1/operator/sessions"), ("POST", "/v1/verify"), ("GET", "/metrics"), ("GET", "/v1/members"),
            ("POST", "/v1/invitations"), ("PUT", "/v1/roles/x"), ("PATCH", "/v1/organization"),
        ] {
            let reply = try await scene.stack.gateway.send(method, path, token, method == "GET" ? nil : [:])
            #expect([403, 404].contains(reply.status), "\(method) \(path): \(reply.status)")
            #expect(!reply.text.contains("org_"))
        }
    }

    @Test func `a page's form without its token changes nothing`() async throws {
        let scene = try await Scene.start()
        let before = try scene.rows(of: "heron")
        let visitor = try Visitor(scene.stack, Scene.person, in: "heron")
        for endpoint in try Endpoint.pages() where endpoint.method == "POST" {
            let page = try visitor.post(
                endpoint.with(scene.sides[0].invoice),
                [("plan", "free"), ("name", "taken"), ("workspace", "egret"), ("role", "member")])
            #expect(page.status == 403, "\(endpoint)")
        }
        #expect(try scene.rows(of: "heron") == before)
        #expect(try visitor.get("/invoices").html.contains("MARK-heron"))
    }
}
