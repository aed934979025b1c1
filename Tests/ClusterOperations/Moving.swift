import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// A deployment on a file becomes one of many nodes, and nothing that was revoked comes back.
@Suite(.serialized) struct `Moving a deployment` {
    @Test(arguments: Server.versions)
    func `killed in the middle it is served from nowhere new, and run again it is complete`(
        _ version: PostgreSQLServer.Version
    ) async throws {
        let server = try PostgreSQLServer.running(version)
        let url = try server.newDatabase()
        let old = try RunningServer()
        try await old.start()
        let team = try Team(old)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let valid = try await team.key("ci", as: "olga@tern.example", in: "tern")
        let ended = try await team.key("old", as: "olga@tern.example", in: "tern")
        let keys = try [valid, ended].map { try #require($0.at("key").text) }
        let id = try #require(ended.at("api_key", "id").text)
        try await old.control.send(
            "POST", "/v1/api-keys/\(id)/revoke", team.acting(as: "olga@tern.example", in: "tern")
        ).mustSucceed()
        let busy = try old.command("migrate-store", "--to", url)
        #expect(busy.status == 1 && busy.errors.contains("a server runs on it"))
        old.stop()
        let heads = try old.command("audit", "head").output.split(separator: "\n").map(String.init)
        try Self.addUsage(old, rows: 200_000)

        let killed = try Self.start(["migrate-store", "--to", url, "--config", old.configurationPath])
        try await Self.waitForRows(server, url)
        kill(killed.processIdentifier, SIGKILL)
        killed.waitUntilExit()
        let new = try RunningServer(database: url, cluster: "node_name: node-a, lease_seconds: 5")
        #expect(try await new.refusal().contains("has begun and not ended"))
        // The file is as it was, so the deployment can go on there meanwhile.
        try await old.start()
        #expect(try await team.verify(keys[0]).at("code").text == "valid")
        old.stop()

        let moved = try old.command("migrate-store", "--to", url)
        #expect(moved.status == 0, "\(moved.errors)")
        #expect(moved.errors.contains("usage_hourly: 2000"))
        #expect(try await old.refusal().contains("was moved to"))
        let other = try RunningServer(database: url, cluster: "node_name: node-b, lease_seconds: 5")
        for node in [new, other] {
            try await node.start()
            let asked = try Team(node)
            #expect(try await asked.verify(keys[0]).at("code").text == "valid")
            #expect(try await asked.verify(keys[1]).at("code").text == "revoked")
        }
        let audit = try new.command(heads: heads)
        #expect(audit.status == 0, "\(audit.errors)")
        // The credentials and the people are the same, and the next revoke is in force on both.
        let last = try #require(valid.at("api_key", "id").text)
        let revoked = try await new.control.send(
            "POST", "/v1/api-keys/\(last)/revoke", team.acting(as: "olga@tern.example", in: "tern"))
        try revoked.mustSucceed()
        for node in [new, other] {
            #expect(try await Self.code(node, keys[0]) == "revoked")
            #expect(node.stop() == 0)
        }

        #expect(try old.command("migrate-store", "--undo").status == 1)
        let undone = try old.command("migrate-store", "--undo", "--accept-resurrection")
        #expect(undone.status == 0, "\(undone.errors)")
        try await old.start()
        #expect(try await Self.code(old, keys[0]) == "valid")
        #expect(try await Self.code(old, keys[1]) == "revoked")
        old.stop()
    }

    private static func code(_ node: RunningServer, _ key: String) async throws -> String? {
        try await node.verification.send("POST", "/v1/verify", [], ["key": .string(key)]).json.at("code").text
    }

    /// Counts of past hours, so that the move takes long enough to be killed in its middle.
    private static func addUsage(_ server: RunningServer, rows: Int) throws {
        let process = try start(
            [
                server.databasePath,
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
                INSERT INTO usage_hourly (key_id, organization_id, hour, verdict, count)
                SELECT 'key_' || (i % 100), 'org_x', 1800000000000000 + i * 3600000000, 'valid', 1 FROM n
                """,
            ], program: URL(fileURLWithPath: "/usr/bin/sqlite3"))
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw HarnessError("sqlite3: \(process.terminationStatus)") }
    }

    private static func start(_ arguments: [String], program: URL = Program.url) throws -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = Program.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        return process
    }

    private static func waitForRows(_ server: PostgreSQLServer, _ url: String) async throws {
        let database = try #require(url.split(separator: "?").first?.split(separator: "/").last)
        for _ in 0..<3_000 {
            do {
                return try server.psql(
                    String(database),
                    "SELECT 1 / (SELECT count(*) FROM (SELECT 1 FROM usage_hourly LIMIT 1) found)")
            } catch {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        throw HarnessError("nothing arrived")
    }
}

extension RunningServer {
    /// `audit verify` against heads that were noted elsewhere.
    fileprivate func command(heads: [String]) throws -> Program.Outcome {
        try Program.run(
            ["audit", "verify", "--config", configurationPath] + heads.flatMap { ["--head", $0] })
    }
}
