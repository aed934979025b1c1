import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// What was answered stays, whatever is done to files and processes.
@Suite struct `Durability` {
    @Test func `A37 restoring an old backup brings no revoked key back to life`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let kept = try await team.key("kept", as: "olga@tern.example", in: "tern")
        let doomed = try await team.key("doomed", as: "olga@tern.example", in: "tern")
        let backup = server.folder.appendingPathComponent("old.sqlite").path
        #expect(try server.command("backup", backup).status == 0)
        let id = doomed.at("api_key", "id").text ?? ""
        let owner = team.acting(as: "olga@tern.example", in: "tern")
        try await server.control.send("POST", "/v1/api-keys/\(id)/revoke", owner).mustSucceed()
        let served = try server.command("restore", backup)
        #expect(served.status != 0)
        #expect(served.errors.split(separator: "\n").count == 1, "\(served.errors)")
        server.stop()
        let restored = try server.command("restore", backup)
        #expect(restored.status == 0, "\(restored.errors)")
        try await server.start()
        #expect(try await team.verify(doomed.at("key").text ?? "").at("code").text == "revoked")
        #expect(try await team.verify(kept.at("key").text ?? "").at("code").text == "valid")
        #expect(try server.command("audit", "verify").status == 0)
    }

    @Test func `A37 without the old database a restore asks before it may resurrect`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        let backup = server.folder.appendingPathComponent("old.sqlite").path
        #expect(try server.command("backup", backup).status == 0)
        server.stop()
        try FileManager.default.removeItem(at: server.folder.appendingPathComponent("data"))
        let refused = try server.command("restore", backup)
        #expect(refused.status != 0)
        #expect(refused.errors.contains("--accept-resurrection"))
        #expect(try server.command("restore", backup, "--accept-resurrection").status == 0)
        try await server.start()
        #expect(server.stop() == 0)
    }

    @Test func `a restore that is refused leaves the database and nothing else behind`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let key = try await team.key("kept", as: "olga@tern.example", in: "tern").at("key").text ?? ""
        let backup = server.folder.appendingPathComponent("cut.sqlite").path
        #expect(try server.command("backup", backup).status == 0)
        server.stop()
        let whole = try Data(contentsOf: URL(fileURLWithPath: backup))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: backup))
        let refused = try server.command("restore", backup)
        #expect(refused.status != 0)
        #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
        let data = server.folder.appendingPathComponent("data").path
        let names = try FileManager.default.contentsOfDirectory(atPath: data)
        #expect(names.allSatisfy { !$0.contains("incoming") && !$0.contains("replaced") }, "\(names)")
        try await server.start()
        #expect(try await team.verify(key).at("valid").boolValue == true)
    }

    @Test func `A38 a local command beside a running server is seen by its next verification`() async throws {
        let server = try await RunningServer.start("keys: {ceiling: live}")
        let team = try Team(server)
        for round in 1...10 {
            try await team.organization("tern\(round)")
            try await team.member("o\(round)@tern.example", of: "tern\(round)", role: "owner")
            let key = try await team.key("bounded", as: "o\(round)@tern.example", in: "tern\(round)")
            let text = key.at("key").text ?? ""
            #expect(try await team.verify(text, permission: "project:read").at("code").text == "valid")
            #expect(try server.command("user", "disable", "o\(round)@tern.example").status == 0)
            #expect(
                try await team.verify(text, permission: "project:read").at("code").text == "insufficient_permissions")
        }
    }

    @Test func `A2 an operator token revoked beside a running server is refused on its next use`() async throws {
        let server = try await RunningServer.start()
        let token = try server.operatorToken("--name", "temporary")
        let headers = [("Authorization", "Bearer \(token)")]
        #expect(try await server.control.get("/v1/operator/plans", headers).status == 200)
        let listed = try server.command("operator", "token", "list", "--output", "json")
        let id = try #require(listed.output.firstMatch(of: /opt_[0-9a-z]{26}/)).output
        #expect(try server.command("operator", "token", "revoke", String(id)).status == 0)
        #expect(try await server.control.get("/v1/operator/plans", headers).status == 401)
    }

    @Test func `A34 a change to any event of the audit log is found and named`() async throws {
        let server = try await RunningServer.start()
        let team = try Team(server)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        for number in 1...5 { _ = try await team.key("key \(number)", as: "olga@tern.example", in: "tern") }
        let head = try server.command("audit", "head").output
        server.stop()
        #expect(try server.command("audit", "verify").status == 0)
        let path = server.databasePath
        let original = try Data(contentsOf: URL(fileURLWithPath: path))
        let unlock = "DROP TRIGGER IF EXISTS audit_event_no_update; DROP TRIGGER IF EXISTS audit_event_no_delete;"
        for tampering in [
            "UPDATE audit_event SET actor = 'user:somebody' WHERE position = 3",
            "UPDATE audit_event SET at = at + 1 WHERE position = 2",
            "UPDATE audit_event SET details = '{}' WHERE position = 4",
            "DELETE FROM audit_event WHERE position = 2",
            "UPDATE audit_event SET position = 1000 + position WHERE position IN (2, 3); UPDATE audit_event SET position = 1005 - position WHERE position > 1000",
        ] {
            try SQLite.execute(unlock + tampering, path)
            let found = try server.command("audit", "verify")
            #expect(found.status != 0, "\(tampering)")
            #expect(!found.errors.isEmpty)
            try? FileManager.default.removeItem(atPath: path + "-wal")
            try? FileManager.default.removeItem(atPath: path + "-shm")
            try original.write(to: URL(fileURLWithPath: path))
        }
        try SQLite.execute(
            unlock + "DELETE FROM audit_event WHERE rowid IN (SELECT max(rowid) FROM audit_event)", path)
        #expect(try server.command("audit", "verify").status == 0, "a cut end is not visible from inside")
        var arguments = ["audit", "verify", "--config", server.configurationPath]
        for line in head.split(separator: "\n") {
            if let found = line.firstMatch(of: /\S+:\d+:[0-9a-f]{64}/) {
                arguments += ["--head", String(found.output)]
            }
        }
        #expect(arguments.count > 4, "\(head)")
        #expect(try Program.run(arguments).status != 0, "a head kept elsewhere finds the cut")
    }
}

/// The database's own command-line tool, as somebody with the file would use it.
enum SQLite {
    static func execute(_ statements: String, _ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [path, statements]
        try process.runAlone()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw HarnessError("sqlite3 refused: \(statements)") }
    }
}
