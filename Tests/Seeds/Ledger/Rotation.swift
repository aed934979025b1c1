import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization
import Testing

/// An integration that asks 50 times a second, with the key that it has at the moment.
private final class Integration: Sendable {
    struct Counts {
        var sent = 0
        var failures: [String] = []
    }

    private let key: Mutex<String>
    private let counts = Mutex(Counts())
    private let isOver = Mutex(false)
    private let stack: LedgerStack

    init(_ stack: LedgerStack, key: String) {
        self.stack = stack
        self.key = Mutex(key)
    }

    var sent: Int { counts.withLock { $0.sent } }
    var failures: [String] { counts.withLock { $0.failures } }

    /// "Update the automation."
    func use(_ key: String) { self.key.withLock { $0 = key } }

    func end() { isOver.withLock { $0 = true } }

    /// Every 20 ms a request begins, however long the ones before it take.
    func run() async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            var tick = 0
            while !isOver.withLock({ $0 }) {
                group.addTask { try await self.ask() }
                tick += 1
                try await Task.sleep(until: start + .milliseconds(20 * tick), clock: .continuous)
            }
            try await group.waitForAll()
        }
    }

    private func ask() async throws {
        let reply = try await stack.api("GET", "/api/invoices?limit=1", key.withLock { $0 })
        counts.withLock {
            $0.sent += 1
            if reply.status != 200 { $0.failures.append("\(reply.status) \(reply.text)") }
        }
    }
}

@Suite(.serialized) struct `The safe rotation on Ledger` {
    @Test(.timeLimit(.minutes(5)))
    func `Z11 create, update, validate by usage, revoke: a client at 50 requests a second sees no failure`()
        async throws
    {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        let olga = "olga@heron.example"
        let old = try await stack.key("Export 2029", as: olga, in: "heron")
        _ = try await stack.book("to list", old.text)
        let integration = Integration(stack, key: old.text)

        func valid(_ id: String) async throws -> Int64 {
            let usage = try await stack.call("GET", "/v1/api-keys/\(id)/usage", as: olga, in: "heron").json
            return usage.at("totals", "valid").integerValue ?? 0
        }
        func until(_ what: String, _ holds: () async throws -> Bool) async throws {
            for _ in 0..<600 {
                if try await holds() { return }
                try await Task.sleep(for: .milliseconds(50))
            }
            throw HarnessError("never: \(what)")
        }

        async let running: Void = integration.run()
        let began = ContinuousClock.now
        do {
            defer { integration.end() }
            try await until("the old key is in use") { try await valid(old.id) >= 50 }

            // 1. Create: on the page, as the owner.
            let page = try Visitor(stack, olga, in: "heron")
            try page.openKeys()
            let shown = try page.post(
                form: "/api-keys", on: "/api-keys/new",
                [("name", "Export 2030"), ("permission", "invoice:read"), ("expiry", "none")])
            let text = try #require(shown.html.firstMatch(of: /value="(sk_[0-9a-f]{64})"/).map { String($0.1) })
            let id = try #require(
                try page.get("/api-keys?q=Export+2030").html.firstMatch(of: /\/api-keys\/(key_[0-9a-z]{26})/)
                    .map { String($0.1) })
            #expect(try await valid(id) == 0)

            // 2. Update the automation.
            integration.use(text)

            // 3. Validate by usage: the new key is used, and the old one no more.
            try await until("the new key is in use") { try await valid(id) >= 50 }
            var last = try await valid(old.id)
            try await until("the old key rests") {
                let (before, sent) = (last, integration.sent)
                try await until("another 25 requests") { integration.sent >= sent + 25 }
                last = try await valid(old.id)
                return last == before
            }
            #expect(try page.get("/api-keys/\(id)").html.contains("Export 2030"))

            // 4. Revoke the old one.
            #expect(try page.post(form: "/api-keys/\(old.id)/revoke", on: "/api-keys/\(old.id)/revoke").status == 303)
            #expect(try await stack.api("GET", "/api/invoices", old.text).status == 401)
            let sent = integration.sent
            try await until("another 50 requests") { integration.sent >= sent + 50 }
        }
        try await running
        let seconds = Double((ContinuousClock.now - began).components.seconds)
        #expect(integration.failures == [])
        #expect(integration.sent >= 150)
        print("rotation: \(integration.sent) requests in \(seconds) s, \(integration.failures.count) failures")
    }
}
