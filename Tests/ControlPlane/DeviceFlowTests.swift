import KeybearerAPI
import KeybearerAdministration
import KeybearerTestHarness
import KeybearerVerification
import Synchronization
import Testing

/// RFC 8628 from the program's side and from the person's, over HTTP, with a clock that the test moves.
@Suite struct `Device login` {
    private final class Clock: Sendable {
        private let now = Atomic(WallClock.system().now().microseconds)
        var wall: WallClock { WallClock { Timestamp(microseconds: self.now.load(ordering: .relaxed)) } }
        func advance(seconds: Int64) { now.add(seconds * 1_000_000, ordering: .relaxed) }
    }

    private struct Scene {
        let plane: RunningPlane
        let clock: Clock
        let password = "a long enough pass phrase"
        let email = "ana@tern.example"

        static func start() async throws -> Scene {
            let clock = Clock()
            let plane = try await RunningPlane.start(clock: clock.wall)
            let scene = Scene(plane: plane, clock: clock)
            _ = try await plane.owner(of: "tern")
            let permit = try await plane.administration.localPermit(.operatorPutUser, command: "test")
            try await plane.administration.setPassword(email: scene.email, password: scene.password, permit)
            return scene
        }

        func form(_ path: String, _ fields: String, _ headers: [(String, String)] = []) async throws -> Reply {
            try await plane.address.send(
                "POST", path, [("Content-Type", "application/x-www-form-urlencoded")] + headers,
                bytes: Array(fields.utf8))
        }

        func begin() async throws -> (deviceCode: String, userCode: String) {
            let reply = try await form("/v1/device/authorization", "client_id=keybearer-cli")
            #expect(reply.status == 200)
            return (reply.json.at("device_code").text ?? "", reply.json.at("user_code").text ?? "")
        }

        func poll(_ deviceCode: String) async throws -> Reply {
            try await form(
                "/v1/device/token",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=keybearer-cli"
                    + "&device_code=\(deviceCode)")
        }

        /// A browser that is signed in.
        func browser() async throws -> Visitor {
            let visitor = Visitor(plane.port)
            let answer = try await visitor.signIn(email, password: password)
            #expect(answer.status == 303)
            return visitor
        }

        /// Presses a button of the page.
        func decide(_ decision: String, _ userCode: String, _ visitor: Visitor) async throws -> Visitor.Page {
            let token = try await visitor.get("/account").input("csrf") ?? ""
            return try await visitor.post(
                "/device", [("csrf", token), ("user_code", userCode), ("decision", decision)])
        }
    }

    private static func error(_ reply: Reply) -> String? { reply.json.at("error").text }

    @Test func `a person approves on the page, and the program gets a session once`() async throws {
        let scene = try await Scene.start()
        let (deviceCode, userCode) = try await scene.begin()
        #expect(userCode.wholeMatch(of: #/[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/#) != nil)
        #expect(Self.error(try await scene.poll(deviceCode)) == "authorization_pending")
        let visitor = try await scene.browser()
        scene.clock.advance(seconds: 61)
        let typed = userCode.lowercased().replacing("-", with: "+")
        let page = try await visitor.get("/device?user_code=\(typed)")
        #expect(page.status == 200)
        for shown in [userCode, "Keybearer command line", "127.0.0.1", "1 minute ago"] {
            #expect(page.html.contains(shown), "\(shown)")
        }
        #expect(Self.error(try await scene.poll(deviceCode)) == "authorization_pending")
        let approved = try await scene.decide("approve", userCode, visitor)
        #expect(approved.status == 303)
        #expect(approved.field("Location") == "/account")
        scene.clock.advance(seconds: 5)
        let token = try await scene.poll(deviceCode)
        #expect(token.status == 200)
        #expect(token.header("Cache-Control") == "no-store")
        #expect(token.json.at("token_type").text == "Bearer")
        #expect(token.json.at("expires_in").integerValue == 2_592_000)
        let bearer = [("Authorization", "Bearer \(token.json.at("access_token").text ?? "")")]
        let me = try await scene.plane.address.get("/v1/me", bearer)
        #expect(me.json.at("email").text == scene.email)
        scene.clock.advance(seconds: 5)
        #expect(Self.error(try await scene.poll(deviceCode)) == "invalid_grant")
    }

    @Test func `asking too early slows the program down by 5 seconds each time`() async throws {
        let scene = try await Scene.start()
        let (deviceCode, _) = try await scene.begin()
        #expect(Self.error(try await scene.poll(deviceCode)) == "authorization_pending")
        scene.clock.advance(seconds: 4)
        #expect(Self.error(try await scene.poll(deviceCode)) == "slow_down")
        scene.clock.advance(seconds: 9)
        #expect(Self.error(try await scene.poll(deviceCode)) == "slow_down")
        scene.clock.advance(seconds: 15)
        #expect(Self.error(try await scene.poll(deviceCode)) == "authorization_pending")
    }

    @Test func `a denied login and one that nobody answers end with their codes`() async throws {
        let scene = try await Scene.start()
        let visitor = try await scene.browser()
        let (denied, userCode) = try await scene.begin()
        #expect(try await scene.decide("deny", userCode, visitor).status == 303)
        #expect(Self.error(try await scene.poll(denied)) == "access_denied")
        #expect(try await scene.decide("approve", userCode, visitor).status == 404)
        let (forgotten, late) = try await scene.begin()
        scene.clock.advance(seconds: 600)
        #expect(Self.error(try await scene.poll(forgotten)) == "expired_token")
        #expect(try await scene.decide("approve", late, visitor).status == 404)
    }

    @Test func `nobody approves without a session, from another site, or by following a link`() async throws {
        let scene = try await Scene.start()
        let visitor = try await scene.browser()
        let (deviceCode, userCode) = try await scene.begin()
        let form = [("user_code", userCode), ("decision", "approve")]
        let nobody = Visitor(scene.plane.port)
        #expect(try await nobody.post("/device", form).status == 401)
        let token = try await visitor.get("/account").input("csrf") ?? ""
        let bearer = [
            "Authorization: Bearer \(scene.plane.operatorToken)", "Origin: \(visitor.origin)",
            "Sec-Fetch-Site: same-origin",
        ]
        #expect(try await nobody.post("/device", form + [("csrf", token)], bearer).status == 401)
        for origin in ["https://evil.example", "null"] {
            let forged = try await visitor.post("/device", form + [("csrf", token)], ["Origin: \(origin)"])
            #expect(forged.status == 403)
        }
        #expect(try await visitor.post("/device", form).status == 403)
        let page = try await nobody.get("/device?user_code=\(userCode)")
        #expect(page.status == 303)
        #expect(page.field("Location") == "/sign-in?next=%2Fdevice%3Fuser_code%3D\(userCode)")
        #expect(try await visitor.get("/device?user_code=\(userCode)").status == 200)
        #expect(Self.error(try await scene.poll(deviceCode)) == "authorization_pending")
    }

    @Test func `an approval that was not fetched ends with the password`() async throws {
        let scene = try await Scene.start()
        let visitor = try await scene.browser()
        let (deviceCode, userCode) = try await scene.begin()
        #expect(try await scene.decide("approve", userCode, visitor).status == 303)
        let permit = try await scene.plane.administration.localPermit(.operatorPutUser, command: "test")
        try await scene.plane.administration.setPassword(
            email: scene.email, password: "another long pass phrase", permit)
        #expect(Self.error(try await scene.poll(deviceCode)) == "invalid_grant")
    }

    @Test func `an operator's sign-in link gives a device no more than its own organization`() async throws {
        let scene = try await Scene.start()
        let link = try await scene.plane.address.send(
            "POST", "/v1/operator/sessions", scene.plane.byOperator,
            ["email": .string(scene.email), "organization": "tern"])
        let path = (link.json.at("url").text ?? "").replacing("http://localhost:8080", with: "")
        let visitor = Visitor(scene.plane.port)
        #expect(try await visitor.post(path, []).status == 303)
        let (deviceCode, userCode) = try await scene.begin()
        #expect(try await scene.decide("approve", userCode, visitor).status == 303)
        let bearer = (try await scene.poll(deviceCode)).json.at("access_token").text ?? ""
        let sessions = try await scene.plane.address.get("/v1/sessions", [("Authorization", "Bearer \(bearer)")])
        let current = try #require(sessions.json.at("data").items.first { $0.at("current") == .bool(true) })
        #expect(current.at("organization").text?.hasPrefix("org_") == true)
        #expect(current.at("via").text == "operator:backend")
    }

    @Test func `pending logins are bounded by address, and answered or old ones make room`() async throws {
        let scene = try await Scene.start()
        let visitor = try await scene.browser()
        let (_, first) = try await scene.begin()
        for _ in 1..<20 { _ = try await scene.begin() }
        let tooMany = try await scene.form("/v1/device/authorization", "client_id=keybearer-cli")
        #expect(tooMany.status == 429)
        #expect(tooMany.header("Retry-After") == "60")
        #expect(Self.error(tooMany) == "temporarily_unavailable")
        #expect(try await scene.decide("deny", first, visitor).status == 303)
        _ = try await scene.begin()
        scene.clock.advance(seconds: 600)
        for _ in 0..<20 { _ = try await scene.begin() }
    }

    @Test func `guessing codes is a failed attempt like any other`() async throws {
        let scene = try await Scene.start()
        let visitor = try await scene.browser()
        let (_, userCode) = try await scene.begin()
        for _ in 0..<10 {
            #expect(try await scene.decide("approve", "BCDF-GHJK", visitor).status == 404)
        }
        #expect(try await scene.decide("approve", userCode, visitor).status == 429)
        scene.clock.advance(seconds: 30)
        #expect(try await visitor.get("/device?user_code=\(userCode)").status == 429)
    }

    @Test(arguments: [
        ("client_id=somebody", "invalid_client"), ("", "invalid_request"),
        ("client_id=keybearer-cli&client_id=keybearer-cli", "invalid_request"),
        ("client_id=keybearer-cli&grant_type=password", "unsupported_grant_type"),
        (
            "client_id=keybearer-cli&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
            "invalid_request"
        ),
        (
            "client_id=keybearer-cli&device_code=x&extra=1"
                + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code", "invalid_grant"
        ),
    ])
    func `what is wrong with a request is an OAuth error`(fields: String, code: String) async throws {
        let scene = try await Scene.start()
        let reply = try await scene.form("/v1/device/token", fields)
        #expect(reply.status == 400)
        #expect(Self.error(reply) == code)
    }
}
