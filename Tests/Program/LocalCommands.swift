import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// Commands on the machine, with the database to themselves or beside a server.
@Suite struct `Local commands` {
    @Test func `accounts, an organization and a token made before the first start work after it`() async throws {
        let server = try RunningServer()
        let made = try server.command(
            "user", "create", "Olga@Tern.example", "--name", "Olga", "--password-stdin",
            input: "a long enough pass phrase\nthe second line is not read\n")
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.wholeMatch(of: /usr_[0-9a-z]{26}\n/) != nil, "\(made.output)")
        let organization = try server.command(
            "organization", "create", "tern", "--name", "Tern", "--plan", "pro", "--owner", "olga@tern.example")
        #expect(organization.output.wholeMatch(of: /org_[0-9a-z]{26}\n/) != nil, "\(organization)")
        let token = try server.command("operator", "token", "create", "--name", "backend", "--allow-ip", "127.0.0.0/8")
        #expect(token.output.wholeMatch(of: /kbo_[0-9a-f]{64}\n/) != nil, "\(token)")
        try await server.start()
        let session = try await server.control.send(
            "POST", "/v1/sessions", [], ["email": "olga@tern.example", "password": "a long enough pass phrase"])
        let bearer = [("Authorization", "Bearer \(session.json.at("token").text ?? "")")]
        let key = try await server.control.send(
            "POST", "/v1/api-keys", bearer, ["name": "first", "permissions": ["project:read"]])
        #expect(key.status == 201, "\(key.text)")
        let backend = [("Authorization", "Bearer \(token.output.trimmingCharacters(in: .whitespacesAndNewlines))")]
        #expect(try await server.control.get("/v1/operator/organizations", backend).status == 200)
        // A new password ends the session, beside the server that served it.
        let changed = try server.command(
            "user", "set-password", "olga@tern.example", "--password-stdin", input: "another long pass phrase\n")
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(try await server.control.get("/v1/me", bearer).status == 401)
        #expect(try server.command("doctor").status == 0)
        #expect(try server.command("audit", "verify").status == 0)
    }

    @Test(arguments: [
        (["user", "create", "olga@tern.example", "--name", "Olga", "--password-stdin"], "short\n", 1, "password"),
        (["user", "create", "nonsense", "--name", "Olga"], "", 1, "email"),
        (["user", "create", "olga@tern.example", "--name", "Olga", "--password-stdin"], "", 2, "--password-stdin"),
        (["user", "create", "olga@tern.example"], "", 64, "--name"),
        (["user", "disable", "nobody@tern.example"], "", 5, "no such"),
        (["organization", "create", "tern", "--name", "T", "--plan", "none", "--owner", "a@b.example"], "", 1, "plan"),
        (
            ["organization", "create", "tern", "--name", "T", "--plan", "pro", "--owner", "a@b.example"], "", 5,
            "user create"
        ),
        (["operator", "token", "create", "--allow-ip", "300.0.0.1"], "", 1, "allow_ip"),
        (["operator", "token", "create", "--expires", "0"], "", 1, "expires"),
        (["operator", "token", "revoke", "opt_00000000000000000000000000"], "", 5, "no such"),
        (["audit", "verify", "--head", "operator"], "", 2, "--head"),
        (["restore", "/nowhere/at/all.sqlite"], "", 1, "does not exist"),
        (["backup", "/nowhere/at/all.sqlite"], "", 1, "cannot write"),
        (["pepper", "apply"], "", 1, "keys.pepper"),
        (["serve", "--surprise"], "", 64, "--surprise"),
    ])
    func `a command that fails says why and tells scripts`(
        arguments: [String], input: String, status: Int32, word: String
    ) throws {
        let server = try RunningServer()
        _ = try server.operatorToken()
        let outcome = try Program.run(
            arguments + (arguments[0] == "serve" ? [] : ["--config", server.configurationPath]), input: input)
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.output.isEmpty, "\(outcome.output)")
        #expect(outcome.errors.contains(word), "\(outcome.errors)")
        if status != 64 { #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)") }
    }

    @Test(arguments: [
        ["user", "list"], ["audit", "verify"], ["audit", "head"], ["doctor"], ["operator", "token", "list"],
        ["backup", "copy.sqlite"],
    ])
    func `a command that looks at a database makes none`(arguments: [String]) throws {
        let server = try RunningServer()
        let outcome = try Program.run(arguments + ["--config", server.configurationPath])
        #expect(outcome.status == 5, "\(outcome)")
        #expect(outcome.errors.contains(server.databasePath), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: server.databasePath))
    }

    @Test func `without a terminal no password is read that was not announced`() throws {
        let server = try RunningServer()
        let made = try server.command("user", "create", "olga@tern.example", "--name", "Olga", input: "next line\n")
        #expect(made.status == 0, "\(made.errors)")
        let set = try server.command("user", "set-password", "olga@tern.example", input: "a long enough pass phrase\n")
        #expect(set.status == 2, "\(set)")
    }

    @Test func `lists are JSON for programs, secrets are alone on standard output`() throws {
        let server = try RunningServer()
        let token = try server.command("operator", "token", "create", "--read-only", "--expires", "3")
        #expect(token.output.split(separator: "\n").count == 1)
        #expect(token.errors.contains("opt_"))
        let list = try server.command("operator", "token", "list", "--output", "json")
        let row = try JSON.parse(Array(list.output.utf8)).items.first ?? .null
        #expect(row.at("read_only") == .bool(true), "\(list.output)")
        #expect(row.at("revoked_at") == .null && row.names.contains("revoked_at"))
        #expect(!list.output.contains(token.output.dropLast()))
    }

    @Test func `doctor fails where others can read the database`() throws {
        let server = try RunningServer()
        _ = try server.operatorToken()
        #expect(try server.command("doctor").status == 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: server.databasePath)
        let outcome = try server.command("doctor")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("WRONG   \(server.databasePath)"), "\(outcome.output)")
    }

    @Test func `A36 the database is in WAL mode with synchronous=FULL`() throws {
        let server = try RunningServer()
        _ = try server.operatorToken()
        #expect(try server.command("doctor").output.contains("WAL with synchronous=FULL"))
    }

    @Test func `a damaged database is replaced only by somebody who accepts what is lost`() async throws {
        let server = try RunningServer()
        let token = try server.operatorToken()
        let backup = server.folder.appendingPathComponent("copy.sqlite").path
        #expect(try server.command("backup", backup).status == 0)
        try Data(repeating: 0x5a, count: 20_000).write(to: URL(fileURLWithPath: server.databasePath))
        let refused = try server.command("restore", backup)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--accept-resurrection"), "\(refused.errors)")
        let restored = try server.command("restore", backup, "--accept-resurrection")
        #expect(restored.status == 0, "\(restored.errors)")
        let kept = try Data(contentsOf: URL(fileURLWithPath: server.databasePath + ".replaced"))
        #expect(kept == Data(repeating: 0x5a, count: 20_000))
        try await server.start()
        let reply = try await server.control.get("/v1/operator/plans", [("Authorization", "Bearer \(token)")])
        #expect(reply.status == 200)
    }

    @Test func `a pepper is applied to what was stored without one, and keys keep working`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let key = try await team.key("old", as: "olga@tern.example", in: "tern").at("key").text ?? ""
        #expect(server.stop() == 0)
        let text = try String(contentsOfFile: server.configurationPath, encoding: .utf8)
        let secret = server.folder.appendingPathComponent("pepper")
        try "a pepper of more than thirty-two bytes in a file".write(to: secret, atomically: true, encoding: .utf8)
        try (text + "\nkeys: {pepper: {id: p1, file: pepper}}\n").write(
            toFile: server.configurationPath, atomically: true, encoding: .utf8)
        let unapplied = try server.command("serve")
        #expect(unapplied.status == 2)
        #expect(unapplied.errors.contains("keybearer pepper apply"), "\(unapplied.errors)")
        #expect(try server.command("pepper", "apply").status == 0)
        try await server.start()
        #expect(try await team.verify(key, permission: "project:read").at("code").text == "valid")
    }
}
