import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Synchronization
import Testing

/// Nodes that share a database decide by one configuration; another comes into force by a command, under the barrier.
@Suite(.serialized) struct `One configuration for all nodes` {
    private static let before = "permissions: {project: [read, create, deploy, delete]}"
    private static let after = "permissions: {project: [read, create, delete, deploy, roll_back]}"
    private static let narrowed = "permissions: {project: [read, create, delete], invoice: null}"

    private static func node(_ name: String, _ settings: String, _ url: String) throws -> RunningServer {
        try RunningServer(settings, database: url, cluster: "node_name: \(name), lease_seconds: 5")
    }

    @Test(arguments: Server.versions)
    func `a node with another configuration does not start, and one that lists the same in another order does`(
        _ version: PostgreSQLServer.Version
    ) async throws {
        let url = try PostgreSQLServer.running(version).newDatabase()
        let first = try Self.node("node-a", Self.before, url)
        try await first.start()
        let other = try Self.node("node-b", Self.after, url)
        #expect(try await other.refusal().contains("keybearer config apply"))
        #expect(try first.command("doctor").output.contains("configuration: the one that is in force"))
        let doctor = try other.command("doctor")
        #expect(doctor.status == 1 && doctor.output.contains("keybearer config apply"))
        let change = try other.command("operator", "token", "create", "--name", "stray")
        #expect(change.status == 7 && change.errors.contains("Another configuration is in force"))
        #expect(try first.command("operator", "token", "list").output.contains("stray") == false)

        let reordered = try Self.node("node-c", "permissions: {project: [delete, read, deploy, create]}", url)
        try await reordered.start()
        for server in [first, reordered] { #expect(server.stop() == 0) }
    }

    @Test(arguments: Server.versions)
    func `once config apply has returned no node decides by the configuration before`(
        _ version: PostgreSQLServer.Version
    ) async throws {
        let url = try PostgreSQLServer.running(version).newDatabase()
        let nodes = [try Self.node("node-a", Self.before, url), try Self.node("node-b", Self.before, url)]
        for node in nodes { try await node.start() }
        let team = try Team(nodes[0])
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let key = try #require(
            try await team.key("ci", as: "olga@tern.example", in: "tern", permissions: ["project:deploy"])
                .at("key").text)
        let teams = [team, try Team(nodes[1])]
        for team in teams {
            #expect(try await team.verify(key, permission: "project:deploy").at("code").text == "valid")
        }

        let next = try Self.node("node-c", Self.narrowed, url)
        let phase = Phase()
        let applied = try await withThrowingTaskGroup(of: Program.Outcome?.self) { group in
            for team in teams {
                group.addTask {
                    while !phase.isEnough.load(ordering: .acquiring) {
                        let isLate = phase.isApplied.load(ordering: .acquiring)
                        let code = try await team.verify(key, permission: "project:deploy").at("code").text
                        guard code == "valid" else {
                            #expect(code == "unavailable")
                            continue
                        }
                        #expect(!isLate, "a node has decided by a configuration that is not in force any more")
                    }
                    return nil
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            let outcome = try await Self.inBackground { try next.command("config", "apply") }
            phase.isApplied.store(true, ordering: .releasing)
            try await Task.sleep(for: .milliseconds(700))
            phase.isEnough.store(true, ordering: .releasing)
            try await group.waitForAll()
            return outcome
        }
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(applied.errors.contains("restarted with it: node-a, node-b"), "\(applied.errors)")
        for node in nodes {
            #expect(try await node.verification.get("/readyz").status == 503)
            #expect(node.logText.contains("keybearer config apply"))
            let list = try await node.control.get(
                "/v1/operator/organizations", [("Authorization", "Bearer \(team.operatorToken)")])
            #expect(list.status == 503, "\(list.text)")
        }

        try await next.start()
        let answer = try await Team(next).verify(key, permission: "project:read")
        #expect(answer.at("code").text == "insufficient_permissions")
        #expect(nodes[0].stop() == 0)
        try nodes[0].reconfigure(from: Self.before, to: Self.narrowed)
        try await nodes[0].start()
        let list = try await nodes[0].control.get(
            "/v1/operator/organizations", [("Authorization", "Bearer \(team.operatorToken)")])
        #expect(list.status == 200)
        #expect(try next.command("audit", "verify").status == 0)
        for node in [nodes[0], nodes[1], next] { #expect(node.stop() == 0) }
    }

    @Test func `with SQLite there is nothing to apply`() throws {
        let server = try RunningServer()
        let outcome = try server.command("config", "apply")
        #expect(outcome.status == 1 && outcome.errors.contains("restart the server"))
    }

    private final class Phase: Sendable {
        let isApplied = Atomic(false)
        let isEnough = Atomic(false)
    }

    private static func inBackground<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws
        -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
        }
    }
}
