import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// What `docs/adopting.md` and `make ledger` promise.
@Suite(.serialized) struct `Adopting Keybearer behind a gateway` {
    @Test func `costs at most 150 lines of Keybearer-specific code, and the walkthrough names their number`() throws {
        let counted = try Shell.run(LedgerStack.example.appendingPathComponent("count-lines").path, [])
        #expect(counted.status == 0, "\(counted.errors)")
        let number = try #require(counted.output.firstMatch(of: /: ([0-9]+) lines/)).1
        let lines = try #require(Int(number))
        #expect((1...150).contains(lines))
        let guide = LedgerStack.example.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/adopting.md")
        #expect(try String(contentsOf: guide, encoding: .utf8).contains("\(lines) lines"))
    }

    @Test func `every line that make ledger prints works when it is pasted`() async throws {
        let stack = try await LedgerStack.start("--demo")
        let lines = stack.output.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("curl ") }
        #expect(lines.count == 2)
        let listed = try Shell.line(String(lines[0]))
        #expect(listed.output.contains("HTTP/1.1 200 OK") && listed.output.contains("\"status\":\"sent\""))
        #expect(listed.output.contains("RateLimit:"))
        #expect(try Shell.line(String(lines[1])).output.contains("A new customer"))
        // 3. and 4.: revoked on the page, the first line is refused.
        let olga = Visitor(stack)
        let page = try olga.post(
            "/sign-in", [("email", "olga@heron.example"), ("password", "an-invented-demo-pass-phrase")])
        #expect(page.status == 303)
        try olga.post(form: "/organizations", on: "/organizations", [("workspace", "heron")])
        try olga.openKeys()
        let id = try #require(
            try olga.get("/api-keys?q=Demonstration").html.firstMatch(of: /\/api-keys\/(key_[0-9a-z]{26})/)
        ).1
        _ = try olga.post(form: "/api-keys/\(id)/revoke", on: "/api-keys/\(id)/revoke")
        #expect(try Shell.line(String(lines[0])).output.contains("HTTP/1.1 401"))
    }

    @Test func `without an answer from Keybearer nothing is allowed`() async throws {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        let key = try await stack.key("k", as: "olga@heron.example", in: "heron")
        #expect(try await stack.api("GET", "/api/invoices", key.text).status == 200)
        let settings = stack.folder.path + "/run/keybearer.yaml"
        let found = try Shell.run("/usr/bin/pgrep", ["-f", "serve --config \(settings)"])
        let process = try #require(pid_t(found.output.split(separator: "\n").first ?? ""))
        kill(process, SIGSTOP)
        defer { kill(process, SIGCONT) }
        let reply = try await stack.api("GET", "/api/invoices", key.text)
        #expect(reply.status == 503 && reply.code == "unavailable")
        #expect(reply.header("Retry-After") != nil)
    }
}
