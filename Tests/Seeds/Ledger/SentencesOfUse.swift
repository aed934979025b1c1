import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// What page H says of using, revoking and looking after keys.
@Suite(.serialized) struct `Page H on Ledger: use` {
    private static func stack() async throws -> LedgerStack {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        return stack
    }

    @Test func `H6 GET api invoices with Authorization Bearer lists the workspace's invoices`() async throws {
        let stack = try await Self.stack()
        let key = try await stack.key("Dashboard", as: "olga@heron.example", in: "heron")
        var made: [String] = []
        for number in 1...5 { made.append(try await stack.book("no \(number)", key.text).invoice) }
        let head = "GET /api/invoices HTTP/1.1\r\nHost: app.ledger.example\r\nAuthorization: Bearer \(key.text)"
        let raw = try await RawHTTP.request(port: stack.port, head + "\r\nConnection: close")
        #expect(raw.status == 200, "\(raw.text)")
        #expect(made.allSatisfy { raw.text.contains($0) })
        let named = try await stack.gateway.get("/api/invoices", [("x-api-key", key.text)])
        #expect(named.json.at("total") == 5)

        // Pages and filters.
        let first = try await stack.api("GET", "/api/invoices?page=1&limit=2", key.text).json
        let last = try await stack.api("GET", "/api/invoices?page=3&limit=2", key.text).json
        #expect(first.at("data").items.map { $0.at("number") } == [5, 4])
        #expect(last.at("data").items.map { $0.at("number") } == [1])
        #expect(first.at("total") == 5)
        let sent = try await stack.api("POST", "/api/invoices/\(made[0])/send", key.text)
        #expect(sent.json.at("status") == "sent")
        #expect(try await stack.api("POST", "/api/invoices/\(made[1])/pay", key.text).status == 409)
        #expect(try await stack.api("POST", "/api/invoices/\(made[0])/pay", key.text).json.at("status") == "paid")
        for (status, count) in [("draft", 4), ("sent", 0), ("paid", 1)] {
            let listed = try await stack.api("GET", "/api/invoices?status=\(status)", key.text).json
            #expect(listed.at("total") == .integer(Int64(count)), "\(status)")
        }
        for query in ["status=open", "page=0", "limit=101", "limit=x"] {
            #expect(try await stack.api("GET", "/api/invoices?\(query)", key.text).status == 422, "\(query)")
        }

        // Without a good key, and with one that may not.
        for headers in [[], [("Authorization", "Bearer sk_nonsense")], [("Authorization", "Basic \(key.text)")]] {
            let refused = try await stack.gateway.get("/api/invoices", headers)
            #expect(refused.status == 401)
            #expect(refused.header("WWW-Authenticate")?.hasPrefix("Bearer realm=") == true)
        }
        #expect(try await stack.gateway.get("/api/invoices?key=\(key.text)").status == 401)
        let reader = try await stack.key("R", as: "olga@heron.example", in: "heron", permissions: ["invoice:read"])
        #expect(try await stack.api("GET", "/api/invoices", reader.text).status == 200)
        #expect(try await stack.api("POST", "/api/invoices/\(made[2])/send", reader.text).status == 403)
        let one = try await stack.key(
            "One", as: "olga@heron.example", in: "heron", permissions: ["invoice/\(made[2]):send"])
        #expect(try await stack.api("POST", "/api/invoices/\(made[3])/send", one.text).status == 403)
        #expect(try await stack.api("POST", "/api/invoices/\(made[2])/send", one.text).status == 200)
    }

    @Test func `H8 revoked on the page, the next curl gets 401, and the slot is free`() async throws {
        let stack = try await Self.stack()
        try stack.workspace("heron", plan: "free")
        let olga = try Visitor(stack, "olga@heron.example", in: "heron")
        try olga.openKeys()
        for round in 1...5 {
            let key = try await stack.key("Round \(round)", as: "olga@heron.example", in: "heron")
            let curl = """
                curl -s -o /dev/null -w '%{http_code}' http://localhost:\(stack.port)/api/invoices \
                -H 'Authorization: Bearer \(key.text)'
                """
            #expect(try Shell.line(curl).output == "200")
            let page = try olga.post(form: "/api-keys/\(key.id)/revoke", on: "/api-keys/\(key.id)/revoke")
            #expect(page.status == 303)
            #expect(try Shell.line(curl).output == "401")
            let answer = try await stack.api("GET", "/api/invoices", key.text)
            #expect(answer.code == "revoked")
            #expect(answer.header("WWW-Authenticate")?.contains("error=\"invalid_token\"") == true)
        }
    }

    @Test func `H9 one key per integration: a leaked one is revoked without breaking the rest`() async throws {
        let stack = try await Self.stack()
        let leaked = try await stack.key("Zapier", as: "olga@heron.example", in: "heron")
        let other = try await stack.key("Dashboard", as: "olga@heron.example", in: "heron")
        // Somebody commits it; the scanner finds it without asking anybody.
        let repository = stack.folder.appendingPathComponent("repository")
        try FileManager.default.createDirectory(at: repository, withIntermediateDirectories: true)
        let commit = """
            git init -q && echo 'KEY=\(leaked.text)' > .env && git add . && \
            git -c user.name=x -c user.email=x@y.example commit -qm one && git rm -q .env && \
            git -c user.name=x -c user.email=x@y.example commit -qm two
            """
        #expect(try Shell.line(commit, in: repository).status == 0)
        let scan = try Program.run(["scan", "--git"], in: repository)
        #expect(scan.status == 1)
        #expect(scan.output.contains(".env") && !scan.output.contains(leaked.text), "\(scan.output)")

        for key in [leaked, other] { #expect(try await stack.api("GET", "/api/workspace", key.text).status == 200) }
        let olga = try Visitor(stack, "olga@heron.example", in: "heron")
        try olga.openKeys()
        _ = try olga.post(form: "/api-keys/\(leaked.id)/revoke", on: "/api-keys/\(leaked.id)/revoke")
        #expect(try await stack.api("GET", "/api/workspace", leaked.text).status == 401)
        #expect(try await stack.api("GET", "/api/workspace", other.text).status == 200)
    }

    @Test func `H9 when someone leaves, the owner is told which keys they made`() async throws {
        let stack = try await Self.stack()
        try stack.member("lena@heron.example", of: "heron", role: "owner")
        let hers = try await stack.key("Lena's export", as: "lena@heron.example", in: "heron")
        let (lena, olga) = (
            try Visitor(stack, "lena@heron.example", in: "heron"), try Visitor(stack, "olga@heron.example", in: "heron")
        )
        try lena.openKeys()
        let page = try olga.get("/members").html
        let row = try #require(page.components(separatedBy: "<tr>").first { $0.contains("lena@") })
        let action = try #require(row.firstMatch(of: /action="(\/members\/[0-9]+\/remove)"/)).1
        let removed = try olga.post(form: String(action), on: "/members")
        #expect(removed.html.contains("Lena&#39;s export"))
        // She is out at once, on both halves; her key is the workspace's and marked for review.
        #expect(try lena.get("/invoices").location == "/sign-in")
        #expect(try lena.get("/api-keys").status != 200)
        #expect(try await stack.api("GET", "/api/workspace", hers.text).status == 200)
        try olga.openKeys()
        #expect(try olga.get("/api-keys/review").html.contains("Lena&#39;s export"))
    }

    @Test func `H9 the rate-limit headers let a client back off before it trips the limiter`() async throws {
        let stack = try await Self.stack()
        try stack.workspace("heron", plan: "free")
        let key = try await stack.key("Careful", as: "olga@heron.example", in: "heron")
        var (left, answers) = (Int.max, 0)
        // Within a minute's window; where one ends on the way, the next starts with 60 again and is used up as well.
        while left > 0 && answers < 150 {
            let reply = try await stack.api("GET", "/api/workspace", key.text)
            #expect(reply.status == 200)
            #expect(reply.header("RateLimit-Policy") == "\"default\";q=60;w=60")
            #expect(reply.header("X-RateLimit-Limit") == "60")
            left = reply.header("X-RateLimit-Remaining").flatMap { Int($0) } ?? -1
            #expect(reply.header("RateLimit")?.hasPrefix("\"default\";r=\(left);t=") == true)
            answers += 1
        }
        #expect(left == 0 && answers >= 60)
        let tripped = try await stack.api("GET", "/api/workspace", key.text)
        // A new minute may have begun since: then there is room again, and the headers said so.
        if tripped.status == 429 {
            #expect(tripped.code == "rate_limited")
            #expect((tripped.header("Retry-After").flatMap { Int($0) } ?? 0) >= 1)
        } else {
            #expect(tripped.header("X-RateLimit-Remaining") == "59")
        }
    }

    @Test func `H10 the help center speaks English and Spanish`() async throws {
        let stack = try await Self.stack()
        let (english, spanish) = (Visitor(stack, language: "en"), Visitor(stack, language: "es-MX,es;q=0.9,en;q=0.5"))
        for (visitor, language, lines) in [
            (english, "en", ["API keys", "How many keys each plan has", "unlimited", "Sign in"]),
            (spanish, "es", ["Claves de API", "Cuántas claves tiene cada plan", "ilimitadas", "Iniciar sesión"]),
        ] {
            let page = try visitor.get("/help/api-keys")
            #expect(page.status == 200 && page.html.contains("<html lang=\"\(language)\">"))
            for line in lines { #expect(page.html.contains(line), "\(language): \(line)") }
            #expect(page.html.contains("GET /api/invoices HTTP/1.1") && page.html.contains("Bearer sk_"))
            for more in ["create", "use", "permissions", "ip-allowlist", "rotation", "revocation", "good-practice"] {
                let guide = try visitor.get("/help/\(more)")
                #expect(guide.status == 200 && guide.html.contains("<html lang=\"\(language)\""), "\(more)")
            }
        }
        // EN | ES: chosen on either half, it holds on both.
        let chooser = try Visitor(stack, "olga@heron.example", in: "heron")
        _ = try chooser.post(form: "/preferences", on: "/invoices", [("language", "es")])
        for path in ["/invoices", "/customers", "/members", "/plan", "/help/api-keys", "/help/create"] {
            #expect(try chooser.get(path).html.contains("<html lang=\"es\""), "\(path)")
        }
    }
}
