import Foundation
import KeybearerTestHarness
import Testing

/// One table of settings: file, environment, printed values and the page are made from it.
@Suite struct `Settings table` {
    private static func printed(_ yaml: String, _ environment: [String: String] = [:], data: String? = nil) throws
        -> Program.Outcome
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keybearer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("keybearer.yaml").path
        try yaml.write(toFile: file, atomically: true, encoding: .utf8)
        let flags = data.map { ["--data", $0] } ?? []
        return try Program.run(["serve", "--print-config", "--config", file] + flags, environment: environment)
    }

    @Test func `docs configuration is what the program prints`() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/configuration.md")
        let outcome = try Program.run(["settings"])
        #expect(outcome.status == 0)
        let current = try String(contentsOf: page, encoding: .utf8)
        #expect(
            current == outcome.output, "docs/configuration.md is stale: keybearer settings > docs/configuration.md")
    }

    @Test(arguments: [
        "postgres://u:hunter2@db.example/k", "postgres://u:hun@hunter2@db.example/k",
        "postgres://db.example/k?user=u&password=hunter2&sslmode=require",
        "postgres://db.example/k?sslpassword=hunter2",
    ])
    func `A35 a password in the database's address is not printed`(_ url: String) throws {
        let outcome = try Self.printed("", ["KEYBEARER_DATABASE_URL": url])
        #expect(outcome.status == 0 && outcome.output.contains("db.example/k"), "\(outcome.errors)")
        #expect(!outcome.output.contains("hunter2") && !outcome.errors.contains("hunter2"))
    }

    @Test func `the environment overrides the file, and a flag overrides both`() throws {
        let file = "keys: {prefix: filed}\ndatabase: {url: \"sqlite:./filed.sqlite\"}\n"
        let environment = ["KEYBEARER_KEYS_PREFIX": "spoken", "KEYBEARER_DATABASE_URL": "sqlite:/spoken.sqlite"]
        let fromFile = try Self.printed(file)
        #expect(fromFile.output.contains("keys.prefix: filed"), "\(fromFile.output) \(fromFile.errors)")
        #expect(fromFile.output.contains("keybearer.yaml:1"))
        #expect(fromFile.output.contains("keybearer.yaml:2"))
        let fromEnvironment = try Self.printed(file, environment)
        #expect(fromEnvironment.output.contains("keys.prefix: spoken  # KEYBEARER_KEYS_PREFIX"))
        #expect(fromEnvironment.output.contains("sqlite:/spoken.sqlite"))
        let flagged = try Self.printed(file, environment, data: "/flagged")
        #expect(flagged.output.contains("sqlite:/flagged/keybearer.sqlite"), "\(flagged.output)")
        #expect(flagged.output.contains("--data"))
    }

    @Test func `permissions, roles and plans are merged by name, and null removes one`() throws {
        let outcome = try Self.printed(
            """
            permissions: {project: null, report: [read]}
            roles: {support: null, auditor: ["report:read"]}
            plans:
              starter: null
              huge: {active_keys: unlimited, features: [tenant_api_keys], rate_limit: {requests: 9, window_seconds: 1}}
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for word in ["report", "invoice", "auditor", "huge", "enterprise", "pro", "free"] {
            #expect(outcome.output.contains(word), "\(word): \(outcome.output)")
        }
        for word in ["starter", "support", "project"] { #expect(!outcome.output.contains(word), "\(word)") }
    }

    @Test func `an unknown variable is warned about and an unknown setting has its line`() throws {
        let warned = try Self.printed("", ["KEYBEARER_KEYS_PREFFIX": "acme"])
        #expect(warned.status == 0)
        #expect(warned.errors.contains("KEYBEARER_KEYS_PREFFIX"))
        let refused = try Self.printed("keys:\n  prefix: acme\n  preffix: acme\n")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("keybearer.yaml:3") && refused.errors.contains("keys.preffix"))
    }

    @Test(arguments: [
        ("control: {public_url: \"http://keys.example\"}", "control.public_url"),
        ("control: {public_url: \"ftp://localhost\"}", "control.public_url"),
        ("control: {tls: {certificate: a.pem}}", "control.tls"),
        ("database: {url: \"mysql:x\"}", "database.url"),
        ("verification: {routes: [{method: GET}]}", "verification.routes"),
        ("verification: {listen: \"127.0.0.1:99999\"}", "verification.listen"),
        ("verification: {listen: \"0.0.0.0:8081\"}", "verification.secret"),
        ("verification: {secret: tooshort}", "verification.secret"),
        ("keys: {pepper: {id: p1}}", "keys.pepper"),
        ("keys: {cidr: perhaps}", "keys.cidr"),
        ("plans: {free: {active_keys: 1, feature: []}}", "plans"),
        (
            "plans: {free: {active_keys: 1, rate_limit: {requests: 1, window_seconds: 1}, strict: perhaps}}",
            "free.strict"
        ),
        ("keys: {prefix: sk}\nkeys: {prefix: sk}", "keybearer.yaml"),
        ("keys: [", "keybearer.yaml"),
    ])
    func `what is impossible stops with its name`(yaml: String, name: String) throws {
        let outcome = try Self.printed(yaml)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains(name), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test func `secrets come from files and variables, and neither is printed`() throws {
        let secret = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID().uuidString)")
        try "thirty-two bytes or more of pepper, on one line\n".write(to: secret, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: secret) }
        let outcome = try Self.printed(
            """
            keys:
              pepper: {id: p2, file: "\(secret.path)"}
              retired_peppers: [{id: p1, env: OLD_PEPPER}]
            verification: {secret: {env: PLANE_SECRET}}
            """,
            [
                "OLD_PEPPER": "another thirty-two bytes of older pepper", "PLANE_SECRET": "a secret of the plane",
                "KEYBEARER_AUDIT_SECRET": "a secret of thirty-two bytes or more for the chain",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        for word in ["on one line", "older pepper", "secret of the plane", "for the chain"] {
            #expect(!outcome.output.contains(word))
        }
        #expect(outcome.output.contains("audit.secret: (set)  # KEYBEARER_AUDIT_SECRET"), "\(outcome.output)")
    }
}
