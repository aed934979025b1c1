import Foundation
import KeybearerTestHarness
import Testing

/// `keybearer login` from end to end: the command waits at a terminal, a person decides on the page.
@Suite struct `Login without a browser` {
    /// The code that the waiting command shows.
    private static func code(_ stage: Stage) async throws -> String {
        let file = stage.folder.appendingPathComponent("shown").path
        for _ in 0..<500 {
            let shown = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
            if let match = shown.firstMatch(of: #/http\S+/device and enter the code ([A-Z]{4}-[A-Z]{4})/#) {
                return String(match.output.1)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("the command shows no code")
    }

    /// Follows the address that the command shows, signs in on the way, and presses a button.
    private static func decide(_ decision: String, _ code: String, _ stage: Stage) async throws {
        let port = stage.server.controlPort
        let visitor = Visitor(port, origin: "http://localhost:\(port)")
        let asked = try await visitor.get("/device?user_code=\(code)")
        #expect(asked.field("Location") == "/sign-in?next=%2Fdevice%3Fuser_code%3D\(code)")
        let signedIn = try await visitor.signIn(
            "ana@tern.example", password: Stage.password, next: "/device?user_code=\(code)")
        let page = try await visitor.get(try #require(signedIn.field("Location")))
        #expect(page.html.contains(code))
        let decided = try await visitor.post(
            "/device", [("csrf", page.input("csrf") ?? ""), ("user_code", code), ("decision", decision)])
        #expect(decided.field("Location") == "/account")
    }

    /// Runs the command while a person decides; its end.
    private static func login(_ decision: String, _ stage: Stage) async throws -> Program.Outcome {
        async let person: Void = decide(decision, try await code(stage), stage)
        let outcome: Program.Outcome = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try stage.run(
                            "keybearer login 2> shown; status=$?; cat shown >&2; exit $status",
                            ["SSH_CONNECTION": "yes"])
                    })
            }
        }
        try await person
        return outcome
    }

    @Test func `an approved login is saved and used`() async throws {
        let stage = try await Stage()
        let outcome = try await Self.login("approve", stage)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("as ana@tern.example"))
        #expect(
            try stage.run("keybearer org set tern --quiet && keybearer whoami -o json | jq -r .email").output
                == "ana@tern.example\n")
        #expect(try stage.run("keybearer logout --quiet; keybearer whoami").status == 3)
    }

    @Test func `a login that is turned down ends as forbidden, and nothing is saved`() async throws {
        let stage = try await Stage()
        let outcome = try await Self.login("deny", stage)
        #expect(outcome.status == 4)
        #expect(outcome.errors.contains("turned down"))
        #expect(try stage.run("keybearer auth status").status == 3)
    }

    @Test func `a server that asks for patience is obeyed, and an expired login says so`() async throws {
        let started = """
            {"device_code":"d","user_code":"BCDF-GHJK","verification_uri":"http://k.example/device",\
            "verification_uri_complete":"http://k.example/device?user_code=BCDF-GHJK","expires_in":600,"interval":1}
            """
        func error(_ code: String) -> String {
            ScriptedServer.answer(
                "400 Bad Request", ["Content-Type: application/json"], #"{"error":"\#(code)","error_description":"x"}"#)
        }
        let server = try ScriptedServer([
            ScriptedServer.answer("200 OK", ["Content-Type: application/json"], started),
            error("authorization_pending"), error("slow_down"), error("expired_token"),
        ])
        let stage = try await Stage()
        let begin = ContinuousClock.now
        let outcome = try stage.run("keybearer login", ["KEYBEARER_URL": "http://127.0.0.1:\(server.port)"])
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("not answered in time"))
        // One second, one second, and six after being told to slow down.
        #expect(ContinuousClock.now - begin >= .seconds(8))
        #expect(server.requests.count == 4)
    }
}
