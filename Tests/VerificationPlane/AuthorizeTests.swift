import KeybearerVerification
import Testing

@testable import KeybearerVerificationPlane

struct AuthorizeTests {
    @Test func `a request that is allowed is told whose it is`() async throws {
        let key = KeyFixture(name: "CI ä/1", granted: ["project:deploy", "invoice:read"], requests: 60)
        try await withPlane([key]) { plane in
            let answer = try await plane.authorize(
                "?permission=project:deploy", ["Authorization: Bearer \(try key.text())"])
            let record = try key.record()
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.value("x-keybearer-key-id") == record.id.description)
            #expect(answer.value("x-keybearer-key-name") == "CI%20%C3%A4%2F1")
            #expect(answer.value("x-keybearer-organization-id") == record.organization.id.description)
            #expect(answer.value("x-keybearer-organization") == "acme")
            #expect(answer.value("x-keybearer-permissions") == "project:deploy invoice:read")
            #expect(answer.value("ratelimit-policy") == #""default";q=60;w=60"#)
            #expect(answer.value("ratelimit") == #""default";r=59;t=60"#)
            #expect(answer.value("x-ratelimit-limit") == "60")
            #expect(answer.value("x-ratelimit-remaining") == "59")
            #expect(answer.value("x-ratelimit-reset") == "1795262460")
            #expect(answer.value("retry-after") == nil)
            for method in ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PURGE", "TRACE"] {
                let other = try await plane.ask(
                    "\(method) /v1/authorize?permission=project%3Adeploy", ["x-api-key: \(try key.text())"])
                #expect(other.status == 200, "\(method)")
            }
        }
    }

    @Test func `permissions above 4 KiB are left out`() async throws {
        let granted = (0..<40).map { "project/\(String(repeating: "p", count: 100))\($0):read" }
        try await withPlane([KeyFixture(granted: granted)]) { plane in
            let answer = try await plane.authorize("", ["x-api-key: \(try KeyFixture().text())"])
            #expect(answer.status == 200)
            #expect(answer.value("x-keybearer-permissions") == nil)
            #expect(answer.value("x-keybearer-key-id") != nil)
        }
    }

    @Test func `each verdict has its status, code and challenge`() async throws {
        let keys = [
            KeyFixture(number: 2, isRevoked: true), KeyFixture(number: 3, expiresAt: noon),
            KeyFixture(number: 4, isDisabled: true), KeyFixture(number: 5, isSuspended: true),
            KeyFixture(number: 6, allowed: ["203.0.113.9"]), KeyFixture(number: 7, granted: []),
        ]
        let token = #"Bearer realm="keybearer", error="invalid_token""#
        let scope = #"Bearer realm="keybearer", error="insufficient_scope", scope="project/prj_1:deploy""#
        let expected: [(UInt8, Int, String, String?)] = [
            (2, 401, "revoked", token), (3, 401, "expired", token), (4, 401, "disabled", token),
            (5, 403, "organization_suspended", nil), (6, 403, "ip_not_allowed", nil),
            (7, 403, "insufficient_permissions", scope), (8, 401, "invalid_api_key", token),
        ]
        try await withPlane(keys) { plane in
            for (number, status, code, challenge) in expected {
                let key = try KeyFixture(number: number).text()
                let answer = try await plane.authorize("?permission=project/prj_1:deploy", ["x-api-key: \(key)"])
                #expect(answer.status == status && answer.code == code, "\(code)")
                #expect(answer.json["status"] as? Int == status)
                #expect(answer.value("x-keybearer-code") == code)
                #expect(answer.value("www-authenticate") == challenge)
                #expect(answer.value("content-type") == "application/problem+json")
                #expect(answer.value("x-keybearer-key-id") == nil)
                #expect(!answer.body.contains(key))
            }
            let missing = try await plane.authorize("", [])
            #expect(missing.status == 401 && missing.code == "missing")
            #expect(missing.value("www-authenticate") == #"Bearer realm="keybearer""#)
        }
    }

    @Test(arguments: [
        "?permission=project:deploy&permission=project:deploy", "?permission=", "?permission",
        "?permission=rocket:launch",
        "?permission=project:*", "?permission=*:*", "?permission=%zz", "?permission=project%00:deploy",
        "?Permission=project:deploy",
        "?permision=project:deploy", "?deny_as=200", "?deny_as=", "?deny_as=403&deny_as=403", "?cost=0",
        "?ip=203.0.113.9",
        "?permission=project:deploy&x=1",
    ])
    func `A42 an option that is not understood is refused, whatever the key`(query: String) async throws {
        try await withPlane([KeyFixture(granted: ["*:*"])]) { plane in
            let credential = "x-api-key: \(try KeyFixture().text())"
            #expect(try await plane.authorize(query, [credential]).status == 400)
            if !query.contains("deny_as") {
                #expect(try await plane.authorize(query + "&deny_as=403", [credential]).status == 403)
            }
        }
    }

    @Test func `the prefix form takes nothing from the client's query`() async throws {
        try await withPlane { plane in
            let credential = "x-api-key: \(try KeyFixture().text())"
            for path in [
                "/v1/authorize/", "/v1/authorize/a/b?permission=rocket:launch", "/v1/authorize/x?deny_as=403&deny_as=1",
            ] {
                #expect(try await plane.ask("PUT \(path)", [credential]).status == 200, "\(path)")
                #expect(try await plane.ask("PUT \(path)").status == 401, "\(path)")
            }
            for path in [
                "/v1/authorize//", "/v1/authorize/../verify", "/v1/authorize/%2e%2e/a", "/v1/authorize/a;b",
                "/v1/authorize/a%2fb",
            ] {
                #expect(try await plane.ask("GET \(path)", [credential]).status == 400, "\(path)")
            }
            #expect(try await plane.ask("GET /v1/authorizeX", [credential]).status == 404)
        }
        let routed = KeyFixture()
        try await withPlane([routed]) { settings in
            settings.trust("127.0.0.0/8")
            settings.routes = [try #require(ForwardRoute(method: "*", path: "/a", permission: "project:deploy"))]
        } body: { plane in
            let credential = "x-api-key: \(try routed.text())"
            let answer = try await plane.ask("GET /v1/authorize/a?permission=project:deploy", [credential])
            #expect(answer.status == 400)
        }
    }
}

struct SurfaceTests {
    @Test(arguments: [
        ("GET /v1/verify", 405, "POST"), ("PUT /v1/verify/batch", 405, "POST"), ("GET /v1/introspect", 405, "POST"),
        ("POST /healthz", 405, "GET, HEAD"), ("DELETE /readyz", 405, "GET, HEAD"), ("POST /metrics", 405, "GET, HEAD"),
        ("TRACE /metrics", 405, "GET, HEAD"), ("GET /", 404, nil), ("GET /v1", 404, nil), ("GET /v1/verify/", 404, nil),
        ("POST /V1/verify", 404, nil), ("POST /v1/%76erify", 404, nil), ("GET /v1/api-keys", 404, nil),
        ("POST //v1/verify", 400, nil), ("POST /v1//verify", 400, nil), ("POST /v1/./verify", 400, nil),
        ("POST /x/../v1/verify", 400, nil), ("POST /v1/verify%00", 400, nil), ("POST /v1%2fverify", 400, nil),
        ("POST /v1/verify;a=b", 400, nil), ("POST /v1\\verify", 400, nil), ("GET /%2e%2e/etc/passwd", 400, nil),
    ])
    func `A16 paths and methods are matched as they are written`(line: String, status: Int, allow: String?) async throws
    {
        try await withPlane { plane in
            let answer = try await plane.ask(line, body: "{}")
            #expect(answer.status == status)
            #expect(answer.value("allow") == allow)
            #expect(answer.value("x-request-id")?.hasPrefix("req_") == true)
            #expect(answer.value("cache-control") == "no-store")
            #expect(answer.json["request_id"] as? String == answer.value("x-request-id"))
        }
    }

    @Test(arguments: [
        ("application/json", 200), ("Application/JSON; charset=utf-8", 200), ("application/json;charset=utf-8", 200),
        ("text/plain", 415), ("application/jsonx", 415), ("application/json, text/plain", 415), ("", 415),
        ("application/x-www-form-urlencoded", 415), ("application/json x", 415),
    ])
    func `another content type is 415`(type: String, status: Int) async throws {
        try await withPlane { plane in
            let answer = try await plane.ask("POST /v1/verify", ["Content-Type: \(type)"], body: #"{"key":""}"#)
            #expect(answer.status == status)
        }
    }

    @Test func `A29 no request identifier is taken from a client`() async throws {
        try await withPlane { plane in
            let first = try await plane.ask("GET /healthz", ["X-Request-Id: mine"])
            let second = try await plane.ask("GET /healthz", ["X-Request-Id: mine"])
            #expect(first.values("x-request-id").count == 1)
            #expect(first.value("x-request-id") != "mine")
            #expect(first.value("x-request-id") != second.value("x-request-id"))
        }
    }

    @Test func `health and readiness`() async throws {
        try await withPlane([], isReady: { false }) { (plane: RunningPlane) async throws -> Void in
            let health = try await plane.ask("GET /healthz").status
            let readiness = try await plane.ask("GET /readyz").status
            #expect(health == 200)
            #expect(readiness == 503)
        }
        try await withPlane { plane in
            #expect(try await plane.ask("GET /readyz").status == 200)
            let head = try await plane.ask("HEAD /readyz", bodiless: true)
            #expect(head.status == 200 && head.value("content-length") == "6")
        }
    }

    @Test func `A28 metrics count by code, and no text of a client becomes a label`() async throws {
        try await withPlane { plane in
            let before = try await plane.ask("GET /metrics")
            for number in 0..<50 {
                _ = try await plane.ask("GET /path\(number)?label=\(number)", ["X-Evil: \"}\(number)"])
                _ = try await plane.verify(#"{"key":"sk_evil\#(number)"}"#)
            }
            _ = try await plane.verify(#"{"key":"\#(try KeyFixture().text())"}"#)
            let after = try await plane.ask("GET /metrics")
            func series(_ answer: Answer) -> [String] {
                answer.body.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                    String($0.split(separator: " ")[0])
                }
            }
            #expect(series(before) == series(after))
            #expect(!after.body.contains("evil") && !after.body.contains("path"))
            #expect(after.body.contains("keybearer_verifications_total{code=\"malformed\"} 50\n"))
            #expect(after.body.contains("keybearer_verifications_total{code=\"valid\"} 1\n"))
            #expect(after.body.contains("keybearer_cache_entries 1\n"))
            #expect(after.value("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    @Test func `the secret is asked for everywhere but for health`() async throws {
        let secret = "correct horse battery"
        try await withPlane {
            $0.secret = Array(secret.utf8)
        } body: { plane in
            let own = "Keybearer-Verification-Secret: \(secret)"
            let bearer = "Authorization: Bearer \(secret)"
            let key = "x-api-key: \(try KeyFixture().text())"
            let lines = [
                "POST /v1/verify", "POST /v1/verify/batch", "GET /v1/authorize", "GET /v1/authorize/a",
                "POST /v1/introspect", "GET /metrics", "GET /nothing", "GET /v1/verify",
            ]
            for line in lines {
                for fields in [
                    [], ["Keybearer-Verification-Secret: \(secret)x"], ["Keybearer-Verification-Secret:"],
                    ["Keybearer-Verification-Secret: correct horse batterY"], [own, own],
                    ["Keybearer-Verification-Secret: wrong", bearer], ["Keybearer_Verification_Secret: \(secret)"],
                ] {
                    let answer = try await plane.ask(line, fields + [key])
                    #expect(answer.status == 401 && answer.code == "verification_secret_required", "\(line) \(fields)")
                    #expect(answer.value("www-authenticate") == #"Bearer realm="keybearer""#)
                }
                let isOpenToBearer = line.hasSuffix("metrics") || line.hasSuffix("introspect")
                let byBearer = try await plane.ask(line, [bearer]).code
                #expect((byBearer != "verification_secret_required") == isOpenToBearer)
                #expect(try await plane.ask(line, [own, key]).code != "verification_secret_required")
            }
            #expect(try await plane.ask("GET /v1/authorize", [own, key]).status == 200)
            #expect(try await plane.ask("GET /healthz").status == 200)
            #expect(try await plane.ask("GET /readyz").status == 200)
            let digest = #"{"key_sha256":"\#(try KeyFixture().digest().hex)"}"#
            #expect(try await plane.verify(digest, [own]).code == "valid")
        }
    }

    @Test func `a listener that others can reach needs a secret`() async throws {
        var chosen = try settings()
        chosen.listen = .tcp(host: "0.0.0.0", port: 0)
        for host in ["0.0.0.0", "::", "198.51.100.7", "keybearer.example"] {
            #expect(!ListenAddress.tcp(host: host, port: 1).isLocal)
        }
        for host in ["127.0.0.1", "127.1.2.3", "::1", "localhost"] {
            #expect(ListenAddress.tcp(host: host, port: 1).isLocal)
        }
        await #expect(throws: VerificationPlaneError.self) {
            try await withPlane {
                $0.listen = .tcp(host: "0.0.0.0", port: 0)
            } body: { _ in
            }
        }
    }

    @Test func `a digest is answered to programs of this machine only, unless the secret was shown`() throws {
        func isAllowed(_ address: String?) throws -> Bool {
            Peer(address: try address.map { try #require(IPAddress($0)) }).isLocal
        }
        #expect(try isAllowed(nil))
        #expect(try isAllowed("127.0.0.1"))
        #expect(try isAllowed("::1"))
        #expect(try isAllowed("::ffff:127.0.0.1"))
        #expect(try !isAllowed("203.0.113.9"))
        #expect(try !isAllowed("10.0.0.1"))
    }
}
