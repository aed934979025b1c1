import KeybearerVerification
import Testing

@testable import KeybearerVerificationPlane

struct RequestPathTests {
    static let refused: [String] = {
        var paths = [
            "", "a", "//", "//a", "/a//b", "/a//", "/.", "/..", "/./a", "/a/.", "/a/..", "/a/../b", "/a/./b", "/%2e",
            "/%2E%2e/a", "/.%2e/a", "/%2e./a", "/a/%2e", "/a;b", "/a;", "/;", "/a;x=1/b", "/a\\b", "/\\", "/a%5cb",
            "/a%5Cb", "/a%2fb", "/a%2Fb", "/%2f", "/a%00", "/%00", "/a%0ab", "/a%0d", "/a%1f", "/a%7f", "/a%3bb", "/%",
            "/%2", "/a%", "/a%zz", "/a%2", "/%g0", "/%+2f", "/a b", "/a?b", "/a#b", "/caf\u{e9}", "/\u{212a}",
        ]
        for byte in 0...0x1f {
            let digits = String(byte, radix: 16)
            paths.append("/a%" + (digits.count == 1 ? "0" : "") + digits)
        }
        for dots in ["..", ".", "%2e%2e", ".%2E", "%2e"] {
            for shape in ["/D", "/a/D", "/D/a", "/a/D/b", "/a/b/D/D/c", "/D/", "/a/D/"] {
                paths.append(shape.replacing("D", with: dots))
            }
        }
        for middle in ["//", "/%2f/", "/%2F", "%2f/", "/;/", ";/", "/%5c/", "\\", "/%00/", "%00", "/%3b/"] {
            for start in ["/v1/projects", "/v1", "/public", ""] {
                for end in ["admin", "deploy", "1"] { paths.append("\(start)\(middle)\(end)") }
            }
        }
        return paths.filter { $0 != "\\admin" }
    }()

    @Test func `A16 a path with two readings is none`() {
        #expect(Self.refused.count > 200)
        for path in Self.refused { #expect(RequestPath(path.utf8) == nil, "\(path.debugDescription)") }
        for byte in UInt8(0x80)...0xff { #expect(RequestPath([UInt8(ascii: "/"), byte]) == nil) }
        for byte in UInt8(0)...0x20 { #expect(RequestPath([UInt8(ascii: "/"), byte]) == nil) }
    }

    @Test(arguments: [
        ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("/a/b.c", ["a", "b.c"]), ("/...", ["..."]), ("/.a", [".a"]),
        ("/a%20b", ["a b"]), ("/%61dmin", ["admin"]), ("/a%25", ["a%"]), ("/a%252f", ["a%2f"]), ("/a:b@c", ["a:b@c"]),
        ("/a+b", ["a+b"]),
    ])
    func `A16 a plain path is its segments, decoded once`(path: String, segments: [String]) {
        #expect(RequestPath(path.utf8)?.segments == segments.map { Array($0.utf8) })
    }
}

struct ForwardRouteTests {
    private func asked(_ route: ForwardRoute, _ method: String, _ path: String) throws -> String? {
        let path = try #require(RequestPath(path.utf8))
        guard route.matches(method: method.utf8, path: path) else { return nil }
        return route.permission(for: path)?.description ?? "nothing"
    }

    @Test func `A16 a route reads method and segments as bytes`() throws {
        let route = try #require(
            ForwardRoute(method: "GET", path: "/v1/projects/{id}/deploy", permission: "project/{id}:deploy"))
        #expect(try asked(route, "GET", "/v1/projects/prj_1/deploy") == "project/prj_1:deploy")
        #expect(try asked(route, "GET", "/v1/projects/a.b~c-d/deploy") == "project/a.b~c-d:deploy")
        #expect(try asked(route, "GET", "/v1/%70rojects/prj%5f1/deploy") == "project/prj_1:deploy")
        #expect(try asked(route, "GET", "/v1/projects/*/deploy") == "nothing")
        #expect(try asked(route, "GET", "/v1/projects/a:b/deploy") == "nothing")
        #expect(try asked(route, "GET", "/v1/projects/a%20b/deploy") == "nothing")
        #expect(try asked(route, "GET", "/v1/projects/\(String(repeating: "a", count: 129))/deploy") == "nothing")
        for path in [
            "/v1/projects/prj_1", "/v1/projects/prj_1/deploy/", "/V1/projects/prj_1/deploy", "/v1/projects/a/b/deploy",
        ] {
            #expect(try asked(route, "GET", path) == nil)
        }
        for method in ["get", "POST", "HEAD", "GETT", ""] {
            #expect(try asked(route, method, "/v1/projects/prj_1/deploy") == nil)
        }
    }

    @Test func `a route of any method and a fixed permission`() throws {
        let route = try #require(ForwardRoute(method: "*", path: "/v1/{a}/{b}", permission: "project:read"))
        #expect(try asked(route, "PURGE", "/v1/x/y") == "project:read")
        #expect(try asked(route, "PURGE", "/v1/x/") == nil)
    }

    @Test(arguments: [
        ("", "/a", "project:read"), ("G T", "/a", "project:read"), ("GET", "a", "project:read"),
        ("GET", "/a//b", "project:read"), ("GET", "/a/../b", "project:read"), ("GET", "/a%20b", "project:read"),
        ("GET", "/a;b", "project:read"), ("GET", "/a?b", "project:read"), ("GET", "/caf\u{e9}", "project:read"),
        ("GET", "/{id}/{id}", "project:read"), ("GET", "/{id", "project:read"), ("GET", "/x{id}", "project:read"),
        ("GET", "/{}", "project:read"), ("GET", "/a", "project"), ("GET", "/a", "project/{id}:read"),
        ("GET", "/{id}", "{id}:read"), ("GET", "/{id}", "project:{id}"), ("GET", "/{id}", "project/x{id}:read"),
        ("GET", "/{id}", "project/{id}x:read"), ("GET", "/{a}/{b}", "project/{a}{b}:read"),
        ("GET", "/{id}", "project/{id}"),
    ])
    func `an impossible route is none`(method: String, path: String, permission: String) {
        #expect(ForwardRoute(method: method, path: path, permission: permission) == nil)
    }

    @Test func `a route outside the catalogue is known before it is used`() throws {
        let catalogue = try settings().catalogue
        func isWithin(_ permission: String) throws -> Bool {
            try #require(ForwardRoute(method: "GET", path: "/{id}", permission: permission)).isWithin(catalogue)
        }
        #expect(try isWithin("project/{id}:deploy"))
        #expect(try isWithin("project:deploy"))
        #expect(try !isWithin("rocket/{id}:deploy"))
        #expect(try !isWithin("project:launch"))
        #expect(try !isWithin("project:*"))
    }
}

struct ForwardedRequestTests {
    private func withRoutes(
        trusting blocks: [String] = ["127.0.0.0/8"],
        body: @escaping @Sendable (RunningPlane, String) async throws -> Void
    ) async throws {
        let key = KeyFixture(granted: ["project/prj_1:deploy", "project:read"])
        try await withPlane([key]) { settings in
            settings.trustedProxies = TrustedProxies(blocks.compactMap { CIDRBlock($0) })
            settings.routes = [
                try #require(ForwardRoute(method: "GET", path: "/p/{id}/deploy", permission: "project/{id}:deploy")),
                try #require(ForwardRoute(method: "GET", path: "/p/{id}/{what}", permission: "project/{id}:read")),
                try #require(ForwardRoute(method: "*", path: "/invoices", permission: "invoice:read")),
            ]
        } body: { plane in
            try await body(plane, "x-api-key: \(try key.text())")
        }
    }

    @Test func `A12 the first matching route decides, and no match is denied`() async throws {
        try await withRoutes { plane, key in
            let examples: [(String, String, Int)] = [
                ("GET", "/p/prj_1/deploy", 200), ("GET", "/p/prj_1/deploy?x=/../y", 200),
                ("GET", "/p/prj_2/deploy", 403),
                ("GET", "/p/prj_2/logs", 200), ("POST", "/p/prj_1/deploy", 403), ("GET", "/p/prj_1/%64eploy", 200),
                ("GET", "/p/prj_2/%64eploy", 403), ("GET", "/p/a:b/deploy", 403), ("GET", "/invoices", 403),
                ("GET", "/", 403), ("GET", "/p/prj_1/deploy/", 403), ("GET", "/p/prj_1//deploy", 400),
                ("GET", "/p/x/../prj_1/deploy", 400), ("GET", "/p/prj_1%2fdeploy", 400),
                ("GET", "/p/prj_1;a/deploy", 400),
                ("GET", "p/prj_1/deploy", 400), ("GET", "http://a/p/prj_1/deploy", 400), ("GET", "", 400),
                ("", "/p/prj_1/deploy", 400), ("G ET", "/p/prj_1/deploy", 400), ("GET", "/p/prj_1/deploy#x", 400),
                ("GET", "/p/prj_1/caf\u{e9}", 400), ("GET", "/p/prj_1/de ploy", 400), ("get", "/p/prj_1/deploy", 403),
            ]
            for (method, uri, status) in examples {
                for (methodField, uriField) in [
                    ("X-Forwarded-Method", "X-Forwarded-Uri"), ("X-Original-Method", "X-Original-URI"),
                ] {
                    let answer = try await plane.authorize(
                        "", [key, "\(methodField): \(method)", "\(uriField): \(uri)"])
                    #expect(answer.status == status, "\(method) \(uri)")
                    if status == 403 { #expect(answer.code == "insufficient_permissions") }
                }
            }
            let without = try await plane.authorize("", ["X-Forwarded-Method: GET", "X-Forwarded-Uri: /nowhere"])
            #expect(without.status == 401)
            #expect(without.code == "missing")
            let asked = try await plane.authorize("?permission=project:read", [key])
            #expect(asked.status == 200)
        }
    }

    @Test func `A12 method and path count only once each, from one pair`() async throws {
        let method = "X-Forwarded-Method: GET"
        let uri = "X-Forwarded-Uri: /p/prj_1/deploy"
        let refused: [[String]] = [
            [], [method], [uri], [method, method, uri], [method, uri, uri],
            [method, uri, "X-Original-Method: GET", "X-Original-URI: /p/prj_1/deploy"],
            [method, uri, "X-Original-URI: /p/prj_1/deploy"], [method, uri, "X-Original-Method: GET"],
            [method, "X-Original-URI: /p/prj_1/deploy"], [uri, "X-Original-Method: GET"],
            ["X_Forwarded_Method: GET", "X_Forwarded_Uri: /p/prj_1/deploy"], ["X_Forwarded_Method: GET", uri],
        ]
        try await withRoutes { plane, key in
            for fields in refused {
                let answer = try await plane.authorize("", [key] + fields)
                #expect(answer.status == 400, "\(fields)")
                let asForbidden = try await plane.authorize("?deny_as=403", [key] + fields)
                #expect(asForbidden.status == 403, "\(fields)")
                #expect(asForbidden.value("x-keybearer-code") == "malformed_request")
            }
            for noise in [
                "X-Forwarded-Prefix: /p/prj_2", "X_Forwarded_Uri: /p/prj_2/deploy", "X-Forwarded-Host: b.example",
                "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4", "X-Rewrite-URL: /admin",
                "X-HTTP-Method-Override: POST", "Connection: X-Forwarded-Uri", "Keybearer-Organization: other",
                "X-Original-URL: /admin", "X-Forwarded-Path: /admin", "True-Client-IP: 1.2.3.4",
            ] {
                let answer = try await plane.authorize("", [key, method, uri, noise])
                #expect(answer.status == 200, "\(noise)")
            }
        }
    }

    @Test func `A12 an untrusted peer cannot say what it forwards`() async throws {
        try await withRoutes(trusting: ["10.0.0.0/8"]) { plane, key in
            let answer = try await plane.authorize(
                "", [key, "X-Forwarded-Method: GET", "X-Forwarded-Uri: /p/prj_1/deploy"])
            #expect(answer.status == 400)
        }
    }

    @Test func `A11 X-Forwarded-For is walked from the right and believed from trusted proxies only`() async throws {
        let key = KeyFixture(allowed: ["203.0.113.9"])
        let chains: [(fields: [String], trusted: Int, untrusted: Int)] = [
            ([], 403, 403), (["203.0.113.9"], 200, 403), (["198.51.100.1"], 403, 403),
            (["203.0.113.9, 198.51.100.1"], 403, 403), (["198.51.100.1, 203.0.113.9"], 200, 403),
            (["198.51.100.1,203.0.113.9"], 200, 403), (["198.51.100.1", "203.0.113.9"], 200, 403),
            (["203.0.113.9", "198.51.100.1"], 403, 403), (["203.0.113.9, 10.0.0.1"], 200, 403),
            (["203.0.113.9, 10.0.0.1, 127.0.0.1"], 200, 403), (["1.2.3.4, 203.0.113.9, 10.0.0.1"], 200, 403),
            (["203.0.113.9, 1.2.3.4, 10.0.0.1"], 403, 403), (["::ffff:203.0.113.9"], 200, 403),
            (["::FFFF:cb00:7109"], 200, 403), (["::203.0.113.9"], 403, 403), (["64:ff9b::203.0.113.9"], 403, 403),
            (["10.0.0.1"], 403, 403), (["203.0.113.9:443"], 400, 403), (["\"203.0.113.9\""], 400, 403),
            (["203.0.113.9, "], 400, 403), (["203.0.113.9,,10.0.0.1"], 400, 403), ([""], 400, 403),
            (["unknown"], 400, 403), (["unknown, 203.0.113.9"], 400, 403), (["203.0.113.09"], 400, 403),
            (["203.0.113.9/32"], 400, 403), (["0xcb.0.113.9"], 400, 403), (["[2001:db8::1]"], 400, 403),
            (["fe80::1%eth0"], 400, 403), (["203.0.113.9 10.0.0.1"], 400, 403), (["_hidden"], 400, 403),
            (["203.0.113.9;10.0.0.1"], 400, 403), (["3405803785"], 400, 403), (["203.0.113"], 400, 403),
            (["203.0.113.9, 2001:db8::1"], 403, 403), (["2001:db8::1, 203.0.113.9"], 200, 403),
        ]
        for isTrusted in [true, false] {
            try await withPlane([key]) { settings in
                if isTrusted { settings.trust("127.0.0.0/8", "10.0.0.0/8") }
            } body: { plane in
                let credential = "x-api-key: \(try key.text())"
                for chain in chains {
                    let fields = chain.fields.map { "X-Forwarded-For: \($0)" }
                    let answer = try await plane.authorize("", [credential] + fields)
                    #expect(
                        answer.status == (isTrusted ? chain.trusted : chain.untrusted), "\(chain.fields) \(isTrusted)")
                }
                for name in ["X_Forwarded_For", "Forwarded", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP"] {
                    let answer = try await plane.authorize("", [credential, "\(name): 203.0.113.9"])
                    #expect(answer.status == 403, "\(name)")
                }
            }
        }
    }
}
