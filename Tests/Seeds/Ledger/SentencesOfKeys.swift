import Crypto
import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// The sentences of page H, on a product that is built as the page describes it: over nginx, with its own sign-in.
@Suite(.serialized) struct `Page H on Ledger: keys` {
    @Test func `H1 only the owner reaches api-keys, an admin does not`() async throws {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron")
        for role in ["owner", "admin", "member"] { try stack.member("\(role)@heron.example", of: "heron", role: role) }
        let kept = try await stack.key("Kept secret", as: "owner@heron.example", in: "heron")

        let owner = try LedgerVisitor(stack, "owner@heron.example", in: "heron")
        #expect(try owner.get("/invoices").html.contains("href=\"/api-keys\""))
        try owner.openKeys()
        #expect(try owner.get("/api-keys").html.contains("Kept secret"))
        for role in ["admin", "member"] {
            let other = try LedgerVisitor(stack, "\(role)@heron.example", in: "heron")
            #expect(try !other.get("/invoices").html.contains("href=\"/api-keys\""))
            try other.openKeys()
            for path in ["/api-keys", "/api-keys/new", "/api-keys/\(kept.id)", "/api-keys/\(kept.id)/revoke"] {
                let page = try other.get(path)
                #expect(page.status == 403, "\(role) \(path)")
                #expect(!page.html.contains("Kept secret") && !page.html.contains("sk_"))
            }
            let reply = try await stack.call("GET", "/v1/api-keys", as: "\(role)@heron.example", in: "heron")
            #expect(reply.status == 403 && reply.code == "owner_required")
        }
        // Nobody signed in is asked to sign in, at Ledger.
        let asked = try LedgerVisitor(stack).get("/api-keys")
        #expect(asked.location?.hasPrefix("/sign-in") == true)
        #expect(try LedgerVisitor(stack).get(asked.location ?? "").html.contains("href=\"/ledger.css\""))
        #expect(try await stack.api("GET", "/api/invoices", kept.text).status == 200)
    }

    @Test func `H2 the plan must include tenant_api_keys or api_access, else feature_not_available`() async throws {
        let stack = try await LedgerStack.start {
            $0 + """
                  bare: {active_keys: 5, features: [], rate_limit: {requests: 60, window_seconds: 60}}
                  other: {active_keys: 5, features: [api_access], rate_limit: {requests: 60, window_seconds: 60}}

                """
        }
        try stack.workspace("heron", plan: "starter")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        let kept = try await stack.key("kept", as: "olga@heron.example", in: "heron")
        let olga = try LedgerVisitor(stack, "olga@heron.example", in: "heron")
        func create() async throws -> Reply {
            try await stack.call(
                "POST", "/v1/api-keys", as: "olga@heron.example", in: "heron",
                ["name": "another", "permissions": ["invoice:read"]])
        }
        #expect(try olga.post(form: "/plan", on: "/plan", [("plan", "bare")]).status == 303)
        #expect(try olga.get("/plan").html.contains("not included"))
        let refused = try await create()
        #expect(refused.status == 403 && refused.code == "feature_not_available", "\(refused.text)")
        try olga.openKeys()
        #expect(try olga.get("/api-keys").html.contains("aria-disabled=\"true\""))
        #expect(try await stack.api("GET", "/api/invoices", kept.text).status == 200)
        _ = try olga.post(form: "/plan", on: "/plan", [("plan", "other")])
        #expect(try await create().status == 201)
    }

    @Test func `H3 Free 1, Starter 5, Pro 20, Enterprise unlimited, and revoking frees a slot`() async throws {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron", plan: "free")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        let olga = try LedgerVisitor(stack, "olga@heron.example", in: "heron")
        let help = try olga.get("/help/api-keys").html
        var keys: [(text: String, id: String)] = []
        func more() async throws -> Reply {
            try await stack.call(
                "POST", "/v1/api-keys", as: "olga@heron.example", in: "heron",
                ["name": "one more", "permissions": ["invoice:read"]])
        }
        for (plan, limit) in [("free", 1), ("starter", 5), ("pro", 20)] {
            #expect(help.contains(#"<td class="plan">\#(plan)</td><td>\#(limit)</td>"#), "\(help)")
            _ = try olga.post(form: "/plan", on: "/plan", [("plan", plan)])
            while keys.count < limit {
                keys.append(try await stack.key("key \(keys.count)", as: "olga@heron.example", in: "heron"))
            }
            let refused = try await more()
            #expect(refused.status == 403 && refused.code == "quota_exceeded")
            #expect(refused.json.at("quota", "limit") == .integer(Int64(limit)))
            // Any of them can be revoked, and its place is free.
            let ended = keys.removeLast()
            try olga.openKeys()
            #expect(
                try olga.post(form: "/api-keys/\(ended.id)/revoke", on: "/api-keys/\(ended.id)/revoke").status == 303)
            keys.append(try await stack.key("in its place", as: "olga@heron.example", in: "heron"))
            #expect(try await more().code == "quota_exceeded")
        }
        #expect(help.contains(#"<td class="plan">enterprise</td><td>unlimited</td>"#))
        _ = try olga.post(form: "/plan", on: "/plan", [("plan", "enterprise")])
        for _ in 0..<10 { #expect(try await more().status == 201) }
        for key in keys { #expect(try await stack.api("GET", "/api/invoices", key.text).status == 200) }
    }

    @Test func `H4 H5 the owner signs in, opens api-keys, types a name, generates, and sees the key once`() async throws
    {
        let stack = try await LedgerStack.start()
        try stack.workspace("heron")
        try stack.member("olga@heron.example", of: "heron", role: "owner")
        let olga = try LedgerVisitor(stack, "olga@heron.example", in: "heron")
        try olga.openKeys()
        #expect(try olga.get("/api-keys").html.contains("href=\"/api-keys/new\""))
        #expect(try olga.open("/api-keys/new").html.contains(">Generate</button>"))
        let shown = try olga.post(
            form: "/api-keys", on: "/api-keys/new", [("name", "Zapier integration"), ("permission", "invoice:read")])
        let found = shown.html.matches(of: /value="(sk_[0-9a-f]{64})"/).map { String($0.1) }
        let key = try #require(found.first, "\(shown)")
        #expect(found.count == 1)
        let listed = try olga.get("/api-keys").html
        #expect(listed.contains("Zapier integration") && !listed.contains(key))
        #expect(listed.contains("\(key.prefix(9))…\(key.suffix(4))"))

        // Only the hash is kept, by any of the three programs.
        _ = try await stack.api("GET", "/api/invoices", key)
        var kept = Data()
        let run = stack.folder.appendingPathComponent("run")
        for name in try FileManager.default.subpathsOfDirectory(atPath: run.path) {
            guard let bytes = FileManager.default.contents(atPath: run.appendingPathComponent(name).path) else {
                continue
            }
            #expect(bytes.firstRange(of: Data(key.dropFirst(3).utf8)) == nil, "\(name) holds the key")
            if name.hasPrefix("keybearer/") { kept += bytes }
        }
        #expect(kept.firstRange(of: Data(SHA256.hash(data: Data(key.utf8)))) != nil)
    }
}
