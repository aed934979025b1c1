import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Page Z's walk through the console that Harbor serves, form by form; `Tests/Browser/test_harbor.py` walks it in a
/// browser.
@Suite struct `Harbor, page Z, the console` {
    @Test func `Z3 API Keys, Create API key, name, permissions, addresses and expiration, and the key works on Harbor`()
        async throws
    {
        let harbor = try await RunningHarbor.start()
        try await harbor.organization("tern")
        try await harbor.member("ana@tern.example", of: "tern", role: "owner")
        try harbor.setPassword("ana@tern.example")
        let visitor = Visitor(harbor.port, origin: "http://localhost:\(harbor.port)")
        let door = try await visitor.get("/sign-in")
        let signedIn = try await visitor.post(
            "/sign-in",
            [
                ("csrf", door.input("csrf") ?? ""), ("email", "ana@tern.example"),
                ("password", "a long enough pass phrase"), ("next", "/api-keys"),
            ])
        #expect(signedIn.status == 303)
        let list = try await visitor.get("/api-keys")
        #expect(list.status == 200)
        #expect(list.html.contains("Create API key"))
        #expect(list.html.contains("Harbor"))
        let new = try await visitor.get("/api-keys/new")
        let form = try await visitor.get(new.field("Location") ?? "/api-keys/new")
        #expect(form.status == 200, "\(form.fields)")
        // The platform's own resources stand in the form, all six of them and Keybearer's keys.
        for permission in ["project:deploy", "database:rotate", "billing:read", "github:connect", "ai_key:use"] {
            #expect(form.html.contains("value=\"\(permission)\""), "\(permission)")
        }
        #expect(form.html.contains("value=\"api_key:create\""))
        let made = try await visitor.post(
            "/api-keys",
            [
                ("csrf", form.input("csrf") ?? ""), ("organization", form.input("organization") ?? ""),
                ("form", form.input("form") ?? ""), ("name", "Pipeline"), ("permission", "project:read"),
                ("ips", "127.0.0.1"), ("expiry", "90"),
            ])
        let shown = made.status == 303 ? try await visitor.get(made.field("Location") ?? "") : made
        let key = try #require(shown.html.firstMatch(of: #/hbr_[0-9a-f]{64}/#).map { String($0.output) }, "\(made)")
        let reply = try await harbor.call("GET", "/v1/project", key)
        #expect(reply.status == 200)
        #expect(try await harbor.call("GET", "/v1/billing", key).status == 403)
        let kept = try await harbor.api.get("/v1/api-keys", harbor.acting(as: "ana@tern.example", in: "tern"))
        let metadata = kept.json.at("data").items.first ?? .null
        #expect(metadata.at("allowed_ips") == ["127.0.0.1"])
        #expect(metadata.at("permissions") == ["project:read"])
        #expect(metadata.at("expires_at").text != nil)
        // Afterwards: metadata and a preview.
        let after = try await visitor.get("/api-keys")
        #expect(after.html.contains("Pipeline"))
        #expect(after.html.contains(key.suffix(4)))
        #expect(!after.html.contains(key))
    }
}
