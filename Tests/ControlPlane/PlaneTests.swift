import KeybearerAPI
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerTestHarness
import KeybearerVerification
import Testing

/// The plane with the real store, over HTTP.
@Suite struct `The control plane` {
    @Test func `every 401 says how to authenticate, and a lack of permission says what is lacking`() async throws {
        let plane = try await RunningPlane.start(keyManagement: .permission)
        let owner = try await plane.owner(of: "tern")
        let nobody = try await plane.address.get("/v1/me")
        #expect(nobody.status == 401)
        #expect(nobody.code == "missing")
        #expect(nobody.header("WWW-Authenticate") == "Bearer realm=\"keybearer\"")
        for token in ["sk_nonsense", "kbs_nonsense"] {
            let bad = try await plane.address.get("/v1/me", [("Authorization", "Bearer \(token)")])
            #expect(bad.status == 401)
            #expect(bad.header("WWW-Authenticate") == "Bearer realm=\"keybearer\", error=\"invalid_token\"")
        }
        let key = try await plane.key(owner).at("key").text ?? ""
        let lacking = try await plane.address.get("/v1/audit-events", [("x-api-key", key)])
        #expect(lacking.status == 403)
        #expect(
            lacking.header("WWW-Authenticate")
                == "Bearer realm=\"keybearer\", error=\"insufficient_scope\", scope=\"audit:read\"")
    }

    @Test func `a key's answers carry its rate limit, and a refused call costs nothing`() async throws {
        let plane = try await RunningPlane.start(keyManagement: .permission, requestsPerMinute: 3)
        let owner = try await plane.owner(of: "tern")
        let key = try await plane.key(owner, permissions: ["organization:read"]).at("key").text ?? ""
        func get(_ path: String) async throws -> Reply { try await plane.address.get(path, [("x-api-key", key)]) }
        for _ in 0..<5 {
            let refused = try await get("/v1/audit-events")
            #expect(refused.status == 403)
            #expect(refused.header("X-RateLimit-Remaining") == "3")
        }
        let first = try await get("/v1/organization")
        #expect(first.status == 200)
        #expect(first.header("RateLimit-Policy") == "\"default\";q=3;w=60")
        #expect(first.header("RateLimit")?.hasPrefix("\"default\";r=2;t=") == true)
        #expect(first.header("X-RateLimit-Limit") == "3")
        _ = try await get("/v1/me")
        _ = try await get("/v1/organization?surprise=1")
        let last = try await get("/v1/me")
        #expect(last.status == 429)
        #expect(last.code == "rate_limited")
        #expect(last.header("Retry-After") != nil)
        #expect(last.header("X-RateLimit-Remaining") == "0")
        #expect(try await plane.address.get("/v1/me", owner).header("RateLimit") == nil)
    }

    @Test func `A42 a header that names nobody never makes the call stronger`() async throws {
        let plane = try await RunningPlane.start()
        let owner = try await plane.owner(of: "tern")
        for (name, value, status) in [
            ("Keybearer-On-Behalf-Of", "", 404), ("Keybearer-On-Behalf-Of", "not an address", 404),
            ("Keybearer-On-Behalf-Of", "nobody@tern.example", 404), ("Keybearer-Organization", "", 404),
            ("Keybearer-Organization", "No Such", 404), ("Keybearer-Organization", "gull", 404),
        ] {
            let headers = owner.filter { $0.0 != name } + [(name, value)]
            let reply = try await plane.address.get("/v1/organization", headers)
            // Without an organization the operator has none to act in.
            #expect(reply.status == status || reply.status == 400, "\(name): \(value): \(reply.text)")
        }
        let twice = owner + [("Keybearer-On-Behalf-Of", "ana@tern.example")]
        #expect(try await plane.address.get("/v1/organization", twice).status == 400)
    }

    @Test func `the same Idempotency-Key makes one key and shows it once`() async throws {
        let plane = try await RunningPlane.start()
        let owner = try await plane.owner(of: "tern") + [("Idempotency-Key", "one")]
        let body: JSON = ["name": "CI"]
        let first = try await plane.address.send("POST", "/v1/api-keys", owner, body)
        let second = try await plane.address.send("POST", "/v1/api-keys", owner, body)
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(second.header("Idempotency-Replayed") == "true")
        #expect(second.json.at("key") == .null)
        #expect(second.json.at("api_key", "id") == first.json.at("api_key", "id"))
        let other = try await plane.address.send("POST", "/v1/api-keys", owner, ["name": "another"])
        #expect(other.status == 409)
        #expect(other.code == "idempotency_conflict")
    }

    @Test func `checks are made in order: credential, permission, resource, body`() async throws {
        let plane = try await RunningPlane.start()
        let owner = try await plane.owner(of: "tern")
        let path = "/v1/api-keys/key_00000000000000000000000000"
        let broken = Array("{".utf8)
        #expect(try await plane.address.send("PATCH", path, [], bytes: broken).status == 401)
        let key = try await plane.key(owner).at("key").text ?? ""
        #expect(
            try await plane.address.send("PATCH", path, [("x-api-key", key)], bytes: broken).code == "owner_required")
        #expect(try await plane.address.send("PATCH", path, owner, bytes: broken).status == 404)
        #expect(try await plane.address.send("POST", "/v1/api-keys", owner, bytes: broken).code == "malformed_json")
        let text = owner + [("Content-Type", "text/plain")]
        #expect(try await plane.address.send("POST", "/v1/api-keys", text, bytes: Array("{}".utf8)).status == 415)
    }

    @Test func `verify gives the verification plane's answer, and asks for the secret where there is one`() async throws
    {
        let plane = try await RunningPlane.start { $0.verificationSecret = Array("a shared secret".utf8) }
        let owner = try await plane.owner(of: "tern")
        let key = try await plane.key(owner).at("key")
        func verify(_ body: JSON, _ secret: String?) async throws -> Reply {
            try await plane.address.send(
                "POST", "/v1/verify", secret.map { [("Keybearer-Verification-Secret", $0)] } ?? [], body)
        }
        for secret in [nil, "", "a shared secre", "a shared secret "] as [String?] {
            let refused = try await verify(["key": key], secret)
            #expect(refused.status == 401 || secret == "a shared secret ", "\(secret ?? "none")")
        }
        let right = try await verify(["key": key, "permission": "project:read"], "a shared secret")
        #expect(right.status == 200)
        #expect(right.json.at("valid") == true)
        #expect(right.json.at("organization", "slug") == "tern")
        #expect(try await verify(["key": ""], "a shared secret").json.at("code") == "missing")
        #expect(try await verify([:], "a shared secret").status == 422)
        #expect(try await verify(["key_sha256": "00"], "a shared secret").status == 422)
        #expect(try await verify(["key": key, "ip": "::1%lo"], "a shared secret").code == "invalid_ip")
        #expect(
            try await verify(["key": key, "permission": "no:such"], "a shared secret").code == "unknown_permission")
    }

    @Test func `a sign-in link shows one button, signs in once, and only from its own page`() async throws {
        let plane = try await RunningPlane.start()
        _ = try await plane.owner(of: "tern")
        let link = try await plane.address.send(
            "POST", "/v1/operator/sessions", plane.byOperator, ["email": "ana@tern.example", "organization": "tern"])
        #expect(link.status == 201)
        let url = link.json.at("url").text ?? ""
        let path = url.replacing("http://localhost:8080", with: "")
        #expect(path.hasPrefix("/sign-in/link/"))
        for _ in 0..<2 {
            let page = try await plane.address.get(path)
            #expect(page.status == 200)
            #expect(page.text.contains("<form method=\"post\" action=\"\(path)\">"))
            #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
            #expect(page.header("Set-Cookie") == nil)
        }
        let form = [("Content-Type", "application/x-www-form-urlencoded")]
        for origin in ["https://evil.example", "null", "http://localhost:8081"] {
            let foreign = try await plane.address.send("POST", path, form + [("Origin", origin)], bytes: [])
            #expect(foreign.status == 403, "\(origin)")
        }
        let raw = try await RawHTTP.request(
            port: plane.port,
            "POST \(path) HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:8080\r\nContent-Length: 0\r\nConnection: close"
        )
        #expect(raw.status == 303)
        #expect(raw.text.contains("Set-Cookie: keybearer=kbs_"))
        #expect(raw.text.contains("HttpOnly; SameSite=Strict"))
        let again = try await plane.address.send("POST", path, form, bytes: [])
        #expect(again.status == 404)
        #expect(again.header("Set-Cookie") == nil)
    }

    @Test func `an invitation is accepted on its page without a script`() async throws {
        let plane = try await RunningPlane.start()
        let owner = try await plane.owner(of: "tern")
        let made = try await plane.address.send(
            "POST", "/v1/invitations", owner, ["email": "bo@tern.example", "role": "member"])
        #expect(made.status == 201)
        let path = (made.json.at("url").text ?? "").replacing("http://localhost:8080", with: "")
        #expect(try await plane.address.get(path).text.contains("<form method=\"post\" action=\"\(path)\" "))
        let form = [("Content-Type", "application/x-www-form-urlencoded")]
        let short = try await plane.address.send("POST", path, form, bytes: Array("name=<b>&password=x".utf8))
        #expect(short.status == 422)
        #expect(short.text.contains("&lt;b&gt;"))
        #expect(!short.text.contains("<b>"))
        let joined = try await plane.address.send(
            "POST", path, form, bytes: Array("name=Bo&password=a+long+enough+phrase".utf8))
        #expect(joined.status == 200, "\(joined.text)")
        let signedIn = try await plane.address.send(
            "POST", "/v1/sessions", [], ["email": "bo@tern.example", "password": "a long enough phrase"])
        #expect(signedIn.status == 201)
        #expect(signedIn.header("Cache-Control") == "no-store")
    }

    @Test func `the operator's calls move to their own listener`() async throws {
        let port = try FreePort.find()
        let plane = try await RunningPlane.start { $0.operatorListen = .tcp(host: "127.0.0.1", port: port) }
        let moved = HTTPAddress(port: port)
        #expect(try await plane.address.get("/v1/operator/plans", plane.byOperator).status == 404)
        #expect(try await moved.get("/v1/operator/plans", plane.byOperator).status == 200)
        #expect(try await moved.get("/v1/me", plane.byOperator).status == 404)
        #expect(try await moved.get("/healthz").status == 200)
        let nodes = try await moved.get("/v1/operator/nodes", plane.byOperator).json.at("data").items
        #expect(nodes.map { $0.at("name") } == ["node-a"])
    }

    @Test func `A11 the client's address comes through trusted proxies only`() async throws {
        let plane = try await RunningPlane.start()
        let owner = try await plane.owner(of: "tern")
        let made = try await plane.address.send(
            "POST", "/v1/api-keys", owner, ["name": "CI", "allowed_ips": ["203.0.113.9"]])
        let key = [("x-api-key", made.json.at("key").text ?? "")]
        let spoofed = try await plane.address.get("/v1/me", key + [("X-Forwarded-For", "203.0.113.9")])
        #expect(spoofed.status == 403)
        #expect(spoofed.code == "ip_not_allowed")
        let proxy = try #require(CIDRBlock("127.0.0.0/8"))
        let behind = try await RunningPlane.start { $0.trustedProxies = TrustedProxies([proxy]) }
        let owner2 = try await behind.owner(of: "tern")
        let made2 = try await behind.address.send(
            "POST", "/v1/api-keys", owner2, ["name": "CI", "allowed_ips": ["203.0.113.9"]])
        let key2 = [("x-api-key", made2.json.at("key").text ?? "")]
        for (chain, status) in [
            ("203.0.113.9", 200), ("198.51.100.1, 203.0.113.9", 200), ("203.0.113.9, 127.0.0.2", 200),
            ("203.0.113.9, 198.51.100.1", 403), ("203.0.113.9, unknown", 400), ("unknown, 203.0.113.9", 400),
        ] {
            let reply = try await behind.address.get("/v1/me", key2 + [("X-Forwarded-For", chain)])
            #expect(reply.status == status, "\(chain): \(reply.text)")
        }
    }

    @Test func `unknown paths and methods are problems, and HEAD has no body`() async throws {
        let plane = try await RunningPlane.start()
        let nothing = try await plane.address.get("/v1/nothing")
        #expect(nothing.status == 404)
        #expect(nothing.header("Content-Type") == "application/problem+json")
        let method = try await plane.address.send("DELETE", "/v1/me")
        #expect(method.status == 405)
        #expect(method.header("Allow") == "GET, HEAD")
        let head = try await RawHTTP.request(
            port: plane.port, "HEAD /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close")
        #expect(head.status == 200)
        #expect(head.text.hasSuffix("\r\n\r\n"))
        #expect(try await plane.address.get("/openapi.json").body == OpenAPI.document)
        #expect(try await plane.address.get("/help").header("Content-Type") == "text/html; charset=utf-8")
        let lost = try await plane.address.get("/nowhere", [("Accept", "text/html")])
        #expect(lost.status == 404)
        #expect(lost.header("Content-Type") == "text/html; charset=utf-8")
        #expect(try await plane.address.get("/nowhere").header("Content-Type") == "application/problem+json")
        #expect(try await plane.address.get("/readyz").status == 200)
    }
}
