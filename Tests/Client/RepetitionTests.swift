import KeybearerAPI
import KeybearerTestHarness
import Testing

@testable import KeybearerClient

/// What is repeated and when, with a server that does what it is told.
@Suite struct `Repetition` {
    private static func client(_ server: ScriptedServer, deadline: Duration = .seconds(20)) throws -> Client {
        let address = try #require(ServerAddress("http://127.0.0.1:\(server.port)"))
        return Client(
            address, credential: Credential("kbs_secret"),
            options: ClientOptions(deadline: deadline, repetitions: 3, userAgent: "harbor/1"))
    }

    private static let me = ScriptedServer.answer(
        "200 OK", ["Content-Type: application/json"],
        #"{"kind":"user","id":"usr_1","name":"Ana","email":null,"role":null,"organization":null,"permissions":[]}"#)

    @Test func `an overloaded server is asked again, no sooner than it says`() async throws {
        let server = try ScriptedServer([
            ScriptedServer.problem(429, "rate_limited", ["Retry-After: 1"]),
            ScriptedServer.problem(503, "busy", ["Retry-After: 0"]), Self.me,
        ])
        let start = ContinuousClock.now
        #expect(try await Self.client(server).caller().name == "Ana")
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(server.requests.count == 3)
        #expect(server.requests[0].contains("User-Agent: harbor/1 keybearer-swift/"))
    }

    @Test func `a date, and a limit that is used up, say when to come back too`() async throws {
        let now = "Date: Sat, 21 Nov 2026 12:00:00 GMT"
        for fields in [
            ["RateLimit: \"burst\";r=3;t=9, \"default\";r=0;t=1"],
            // Measured by the server's own clock, whatever ours says.
            [now, "Retry-After: Sat, 21 Nov 2026 12:00:01 GMT"],
        ] {
            let server = try ScriptedServer([ScriptedServer.problem(429, "rate_limited", fields), Self.me])
            let start = ContinuousClock.now
            #expect(try await Self.client(server).caller().name == "Ana")
            #expect(ContinuousClock.now - start >= .seconds(1), "\(fields)")
            #expect(server.requests.count == 2, "\(fields)")
        }
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Sat, 21 Nov 2026 12:00:00 GMT", 1_795_262_400),
    ])
    func `dates are read as HTTP writes them`(text: String, seconds: Int64) {
        #expect(HTTPDate(text)?.seconds == seconds)
        for wrong in [String(text.dropLast()), String(text.dropFirst()), text.replacing(":", with: "."), "soon", ""] {
            #expect(HTTPDate(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a wait beyond the deadline is not begun`() async throws {
        let server = try ScriptedServer([ScriptedServer.problem(429, "rate_limited", ["Retry-After: 3600"])])
        let error = try await #require(throws: ClientError.self) { try await Self.client(server).caller() }
        guard case .refused(let refused) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(refused.retryAfterSeconds == 3600)
        #expect(refused.code == "rate_limited")
        #expect(server.requests.count == 1)
    }

    @Test func `a server that never answers is waited for until the deadline`() async throws {
        let silent = try SilentListener()
        let address = try #require(ServerAddress("http://127.0.0.1:\(silent.port)"))
        let client = Client(address, options: ClientOptions(deadline: .milliseconds(500)))
        let start = ContinuousClock.now
        await #expect(throws: ClientError.timedOut(afterSeconds: 0.5)) { try await client.caller() }
        #expect(ContinuousClock.now - start >= .milliseconds(500))
        let verdict = try await RemoteVerifier(address, deadline: .milliseconds(500)).verify("sk_x")
        #expect(verdict.code == "unavailable")
    }

    @Test func `a broken connection is tried again only where twice is the same as once`() async throws {
        let repeatable = try ScriptedServer(["", Self.me])
        #expect(try await Self.client(repeatable).caller().id == "usr_1")
        let once = try ScriptedServer([""])
        await #expect(throws: ClientError.self) {
            try await Self.client(once).signIn(email: "a@b.example", password: "x")
        }
        #expect(once.requests.count == 1)
    }

    @Test func `creating is repeated under one idempotency key, and a lost secret is said to be lost`() async throws {
        let created = """
            {"key":null,"api_key":{"id":"key_1","name":"CI","preview":"p","status":"active","permissions":[],\
            "allowed_ips":[],"created_by":{"type":"user","id":"u","name":"n"},"created_at":"t","labels":{}}}
            """
        let server = try ScriptedServer([
            "", ScriptedServer.answer("201 Created", ["Content-Type: application/json"], created),
        ])
        await #expect(throws: ClientError.secretLost(id: "key_1")) {
            try await Self.client(server).createKey(NewKey(name: "CI"))
        }
        let keys = server.requests.map { request in
            request.split(separator: "\r\n").first { $0.hasPrefix("Idempotency-Key: ") }
        }
        #expect(keys.count == 2)
        #expect(keys[0] != nil)
        #expect(keys[0] == keys[1])
    }

    @Test(arguments: [
        ("502 Bad Gateway", "text/html; charset=utf-8"), ("200 OK", "text/html"), ("200 OK", "application/json"),
    ])
    func `a page of a proxy is not taken for an answer`(status: String, media: String) async throws {
        let server = try ScriptedServer([
            ScriptedServer.answer(status, ["Content-Type: \(media)"], "<html>secret page</html>")
        ])
        let error = try await #require(throws: ClientError.self) {
            try await Self.client(server, deadline: .seconds(2)).caller()
        }
        guard case .unintelligible = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!"\(error)".contains("secret"))
    }

    @Test func `a redirect is not followed, so that no credential goes where nobody sent it`() async throws {
        let elsewhere = try ScriptedServer([Self.me])
        let server = try ScriptedServer([
            ScriptedServer.answer("302 Found", ["Location: http://127.0.0.1:\(elsewhere.port)/v1/me"])
        ])
        await #expect(throws: ClientError.self) { try await Self.client(server).caller() }
        #expect(elsewhere.requests.isEmpty)
    }

    @Test func `without anybody to talk to, the host is named and a verdict is no`() async throws {
        let port = try FreePort.find()
        let address = try #require(ServerAddress("http://127.0.0.1:\(port)"))
        let client = Client(address, options: ClientOptions(deadline: .seconds(1), repetitions: 1))
        await #expect(throws: ClientError.unreachable(host: "127.0.0.1:\(port)", reason: "connection refused")) {
            try await client.caller()
        }
        let verdict = try await RemoteVerifier(address, deadline: .seconds(1)).verify("sk_x")
        #expect(verdict.code == "unavailable")
        #expect(!verdict.isValid)
    }

    @Test func `a verdict is no where the server has none`() async throws {
        let server = try ScriptedServer([
            ScriptedServer.answer(
                "503 X", ["Content-Type: application/problem+json"], #"{"valid":false,"code":"unavailable"}"#)
        ])
        let address = try #require(ServerAddress("http://127.0.0.1:\(server.port)"))
        #expect(try await RemoteVerifier(address).verify("sk_x").code == "unavailable")
        let mistaken = try ScriptedServer([ScriptedServer.problem(422, "unknown_permission")])
        let other = try #require(ServerAddress("http://127.0.0.1:\(mistaken.port)"))
        await #expect(throws: ClientError.self) {
            try await RemoteVerifier(other).verify("sk_x", permission: "no:such")
        }
    }

    @Test func `pauses grow, are drawn at random, and never undercut the server`() {
        func pause(_ outcome: RepetitionRule.Outcome, _ attempt: Int, _ random: Double) -> Duration? {
            RepetitionRule.pause(after: outcome, effect: .repeatable, attempt: attempt, of: 10, random: random)
        }
        #expect(pause(.broken, 0, 1) == .milliseconds(200))
        #expect(pause(.broken, 3, 0.5) == .milliseconds(800))
        #expect(pause(.broken, 9, 1) == .seconds(5))
        #expect(pause(.answered(status: 429, code: "rate_limited", retryAfterSeconds: 7), 0, 0) == .seconds(7))
        #expect(pause(.answered(status: 429, code: "too_many_attempts", retryAfterSeconds: 7), 0, 0) == nil)
        #expect(pause(.answered(status: 404, code: "not_found", retryAfterSeconds: nil), 0, 0) == nil)
        #expect(pause(.broken, 10, 0) == nil)
        let unknown = RepetitionRule.Outcome.answered(status: 503, code: "indeterminate", retryAfterSeconds: nil)
        #expect(RepetitionRule.pause(after: unknown, effect: .once, attempt: 0, of: 3, random: 0) == nil)
    }

    @Test func `a credential prints as nothing`() throws {
        let credential = try #require(Credential("sk_very_secret"))
        #expect(!"\(credential)".contains("secret"))
        #expect(!String(reflecting: credential).contains("secret"))
        var dumped = ""
        dump(credential, to: &dumped)
        #expect(!dumped.contains("secret"))
        #expect(Credential("two words") == nil)
        #expect(Credential("line\r\nInjected: yes") == nil)
    }

    @Test func `addresses are read strictly`() {
        for good in ["http://localhost:8080", "https://keys.example.com/", "HTTPS://h/base", "unix:/run/kb.sock"] {
            #expect(ServerAddress(good) != nil, "\(good)")
        }
        for bad in ["", "ftp://x", "keys.example.com", "https://", "http://user@h", "http://h?q=1", "http://h/#f"] {
            #expect(ServerAddress(bad) == nil, "\(bad)")
        }
        #expect(ServerAddress("http://keys.example.com")?.isCleartext == true)
        #expect(ServerAddress("http://127.0.0.1:8080")?.isCleartext == false)
    }
}
