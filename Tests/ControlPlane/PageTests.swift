import KeybearerAPI
import KeybearerAdministration
import KeybearerTestHarness
import Testing

@testable import KeybearerControlPlane

/// The console over HTTP, with the real store: what a browser test cannot see as exactly.
@Suite struct `The console's pages` {
    private static let password = "a long enough pass phrase"

    /// A signed-in member of a new organization.
    private static func signedIn(_ plane: RunningPlane, role: String = "owner") async throws -> Visitor {
        _ = try await plane.owner(of: "tern")
        let email = "\(role)@tern.example"
        try await plane.address.send(
            "PUT", "/v1/operator/organizations/tern/members/\(email)", plane.byOperator,
            ["role": .string(role), "name": "Test Person"]
        ).mustSucceed()
        try await plane.administration.setPassword(
            email: email, password: password,
            try await plane.administration.localPermit(.operatorPutUser, command: "test"))
        let visitor = Visitor(plane.port)
        let answer = try await signIn(visitor, email)
        guard answer.status == 303 else { throw HarnessError("not signed in: \(answer.html)") }
        return visitor
    }

    private static func signIn(_ visitor: Visitor, _ email: String, next: String = "") async throws -> Visitor.Page {
        try await visitor.signIn(email, password: password, next: next)
    }

    private static func token(_ visitor: Visitor) async throws -> String {
        try await visitor.get("/account").input("csrf") ?? ""
    }

    @Test func `A31 every form is refused without its token, with another one, and from elsewhere`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let token = try await Self.token(visitor)
        let paths = Route.pages.filter { $0.method == .post && $0.operation != .signIn }.map {
            $0.path.text.replacing("{id}", with: "key_00000000000000000000000000").replacing(#/\{[a-z]+\}/#, with: "x")
        }
        #expect(paths.count >= 20)
        for path in paths {
            for forged in ["", "0", String(repeating: "0", count: 64), String(token.reversed())] {
                let answer = try await visitor.post(path, [("csrf", forged)])
                #expect(answer.status == 403, "\(path) with \(forged)")
            }
            for fields in [
                ["Origin: https://evil.example"], ["Origin: null"], ["Origin: http://localhost:8081"],
                ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
                ["Origin: http://localhost:8080", "Sec-Fetch-Site: cross-site"],
            ] {
                let answer = try await visitor.post(path, [("csrf", token)], fields)
                #expect(answer.status == 403, "\(path) from \(fields)")
            }
        }
        #expect(try await visitor.get("/api-keys").status == 200)
    }

    @Test func `A31 without TLS a form may come from the name of this machine that it is sent to`() async throws {
        // Not the name that the visitor knows it by.
        let plane = try await RunningPlane.start { $0.publicURL = "http://127.0.0.1:8080" }
        let visitor = try await Self.signedIn(plane)
        let token = try await Self.token(visitor)
        for (origin, status) in [
            ("http://127.0.0.1:8081", 403), ("http://other.example", 403), ("https://localhost:8080", 403),
            ("http://localhost:8080", 303),
        ] {
            let answer = try await visitor.post("/sign-out", [("csrf", token)], ["Origin: \(origin)"])
            #expect(answer.status == status, "\(origin)")
        }
    }

    @Test func `A31 no page changes anything when it is read`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let owner = try await plane.owner(of: "tern")
        let key = try await plane.key(owner).at("api_key", "id").text ?? ""
        func events() async throws -> JSON {
            try await plane.address.get("/v1/audit-events?limit=1", owner).json.at("data")
        }
        let before = try await events()
        for route in Route.pages where route.method == .get {
            let path = route.path.text.replacing("/api-keys/{id}", with: "/api-keys/\(key)")
                .replacing(#/\{[a-z]+\}/#, with: "x")
            #expect(try await visitor.get(path).status < 500, "\(path)")
        }
        #expect(try await events() == before)
    }

    @Test func `A29 the answer that shows a key is not kept, and a repetition names the key without it`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let place = try await visitor.get("/api-keys/new").field("Location") ?? ""
        let form = try await visitor.get(place)
        let fields = [
            ("csrf", form.input("csrf") ?? ""), ("organization", form.input("organization") ?? ""),
            ("form", form.input("form") ?? ""), ("name", "CI"), ("permission", "project:read"), ("expiry", "none"),
        ]
        let shown = try await visitor.post("/api-keys", fields)
        let key = try #require(shown.html.firstMatch(of: #/sk_[0-9a-f]{64}/#)).output
        #expect(shown.status == 200)
        #expect(shown.field("Cache-Control") == "no-store")
        for _ in 0..<2 {
            let again = try await visitor.post("/api-keys", fields)
            #expect(again.status == 200)
            #expect(!again.html.contains(key))
            #expect(again.html.contains("/rotate"))
        }
        let changed = try await visitor.post("/api-keys", fields.map { $0.0 == "name" ? ("name", "Other") : $0 })
        #expect(changed.status == 409)
        #expect(changed.html.contains("value=\"Other\""))
        let keys = try await plane.address.get("/v1/api-keys", try await plane.owner(of: "tern")).json.at("data")
        #expect(keys.items.count == 1)
        #expect(!(try await visitor.get("/api-keys").html.contains(key)))
    }

    @Test func `a revoke says who has applied it, once, as the operation answered`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let key = try await plane.key(try await plane.owner(of: "tern")).at("api_key", "id").text ?? ""
        let page = try await visitor.get("/api-keys/\(key)/revoke")
        let answer = try await visitor.post(
            "/api-keys/\(key)/revoke",
            [("csrf", page.input("csrf") ?? ""), ("organization", page.input("organization") ?? ""), ("reason", "")])
        #expect(answer.status == 303)
        #expect(answer.field("Location") == "/api-keys")
        #expect(try await visitor.get("/api-keys").html.contains("confirmed by: node-a"))
        #expect(!(try await visitor.get("/api-keys").html.contains("confirmed by")))
    }

    @Test func `H1 an admin is told who can help, with status 403 and nothing of the keys`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane, role: "admin")
        let owner = try await plane.owner(of: "tern")
        let key = try await plane.key(owner)
        let id = key.at("api_key", "id").text ?? ""
        for path in ["/api-keys", "/api-keys/new", "/api-keys/\(id)", "/api-keys/\(id)/edit", "/api-keys/review"] {
            let page = try await visitor.get(path)
            #expect(page.status == 403, "\(path)")
            #expect(page.html.contains("ana@tern.example"))
            #expect(!page.html.contains(key.at("api_key", "preview").text ?? "-"))
            #expect(!page.html.contains(">CI<"))
        }
        // With the policy by permission an admin holds none of the api_key permissions either.
        let other = try await RunningPlane.start(keyManagement: .permission)
        let refused = try await Self.signedIn(other, role: "admin").get("/api-keys")
        #expect(refused.status == 403)
        #expect(refused.html.contains("api_key:read"))
    }

    @Test func `another organization's keys do not exist, by path and by form`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let stranger = try await plane.owner(of: "gull")
        let foreign = try await plane.key(stranger)
        let id = foreign.at("api_key", "id").text ?? ""
        let token = try await Self.token(visitor)
        let gull = try await plane.address.get("/v1/organization", stranger).json.at("id").text ?? ""
        for path in ["", "/edit", "/revoke", "/rotate", "/explain"] {
            #expect(try await visitor.get("/api-keys/\(id)\(path)").status == 404, "\(path)")
        }
        for organization in [nil, gull] as [String?] {
            for path in ["revoke", "disable", "enable", "edit", "rotate"] {
                let form = [("csrf", token), ("form", String(repeating: "0", count: 64))]
                let answer = try await visitor.post(
                    "/api-keys/\(id)/\(path)", form + (organization.map { [("organization", $0)] } ?? []))
                #expect(answer.status == 404, "\(path)")
            }
        }
        visitor.set("keybearer-organization", gull)
        #expect(!(try await visitor.get("/api-keys").html.contains(">gull<")))
        let status = try await plane.address.get("/v1/api-keys/\(id)", stranger).json.at("status")
        #expect(status == "active")
    }

    @Test(arguments: [
        "//evil.example", "https://evil.example", "/\\evil.example", "/%5cevil.example", "/a//b", "javascript:alert(1)",
        "/\tx", "evil", "/x\r\nSet-Cookie: a=b", "/;/evil", "/../x", "",
    ])
    func `an address to go on to is one of this site`(next: String) async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        _ = try await visitor.post("/sign-out", [("csrf", try await Self.token(visitor))])
        #expect(visitor.cookies["keybearer"] == nil)
        let answer = try await Self.signIn(visitor, "owner@tern.example", next: next)
        #expect(answer.field("Location") == "/api-keys")
        let choice = try await visitor.post("/preferences", [("language", "es"), ("next", next)])
        #expect(choice.field("Location") == "/")
    }

    @Test func `A32 cookies are for this host alone, and a session ends where it is told to`() async throws {
        let secure = try await RunningPlane.start { $0.publicURL = "https://keys.example" }
        _ = try await secure.owner(of: "tern")
        try await secure.administration.setPassword(
            email: "ana@tern.example", password: Self.password,
            try await secure.administration.localPermit(.operatorPutUser, command: "test"))
        let visitor = Visitor(secure.port, origin: "https://keys.example")
        visitor.set("__Host-keybearer", "kbs_planted")
        let answer = try await Self.signIn(visitor, "ana@tern.example")
        let cookie = answer.fields.first { $0.0.lowercased() == "set-cookie" && $0.1.hasPrefix("__Host-keybearer=") }?.1
        #expect(cookie?.hasSuffix("; HttpOnly; SameSite=Strict; Secure") == true)
        #expect(cookie?.contains("; Path=/;") == true)
        #expect(cookie?.contains("Domain") == false)
        let session = try #require(visitor.cookies["__Host-keybearer"])
        #expect(session.hasPrefix("kbs_") && session != "kbs_planted")
        #expect(try await visitor.get("/account").field("Strict-Transport-Security") != nil)
        _ = try await visitor.post("/sign-out", [("csrf", try await Self.token(visitor))])
        visitor.set("__Host-keybearer", session)
        #expect(try await visitor.get("/account").field("Location") == "/sign-in?next=%2Faccount")
    }

    @Test func `the API reads no cookie, and a cookie carries no key and no command line's token`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        let session = try #require(visitor.cookies["keybearer"])
        let asked = try await plane.address.get("/v1/me", [("Cookie", "keybearer=\(session)")])
        #expect(asked.code == "missing")
        let key = try await plane.key(try await plane.owner(of: "tern")).at("key").text ?? ""
        let token =
            try await plane.address.send(
                "POST", "/v1/sessions", [],
                ["email": "owner@tern.example", "password": .string(Self.password)]
            ).json.at("token").text ?? ""
        for value in [key, token, plane.operatorToken, "", "kbs_", session + "0"] {
            visitor.set("keybearer", value)
            #expect(try await visitor.get("/api-keys").status == 303, "\(value.prefix(4))")
        }
    }

    @Test func `a form that a session's end interrupts comes back, unless somebody else sent it`() async throws {
        let plane = try await RunningPlane.start()
        let visitor = try await Self.signedIn(plane)
        visitor.set("keybearer", nil)
        let kept = try await visitor.post(
            "/api-keys", [("name", "Half done"), ("csrf", "old"), ("password", "secret")])
        #expect(kept.status == 401)
        #expect(kept.html.contains("Half%20done"))
        #expect(!kept.html.contains("secret"))
        for fields in [[], ["Origin: https://evil.example"], ["Sec-Fetch-Site: cross-site"]] as [[String]] {
            #expect(try await visitor.post("/api-keys", [("name", "Forged")], fields).status == 403, "\(fields)")
        }
        #expect(
            try await visitor.get("/members", ["Sec-Fetch-Site: cross-site"]).html.contains("http-equiv=\"refresh\""))
        #expect(try await visitor.get("/members").field("Location") == "/sign-in?next=%2Fmembers")
    }

    @Test func `files of the pages are kept by browsers under names that change with their contents`() async throws {
        let plane = try await RunningPlane.start()
        let page = try await Visitor(plane.port).get("/help")
        let names = page.html.matches(of: #/\/assets\/[a-z]+\.[0-9a-f]{12}\.[a-z]+/#).map { String($0.output) }
        #expect(Set(names).count == 3)
        for name in names {
            let file = try await Visitor(plane.port).get(name)
            #expect(file.status == 200)
            #expect(file.field("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(file.field("X-Content-Type-Options") == "nosniff")
        }
        #expect(try await Visitor(plane.port).get("/assets/console.css").status == 404)
    }

    @Test func `without a session nothing but help and the way in is shown`() async throws {
        let plane = try await RunningPlane.start()
        for route in Route.pages where route.method == .get {
            let path = route.path.text.replacing(#/\{[a-z]+\}/#, with: "x")
            let answer = try await Visitor(plane.port).get(path)
            #expect(answer.status == 303, "\(path)")
            #expect(answer.field("Location")?.hasPrefix("/sign-in?next=") == true)
        }
    }
}
