import Foundation
import KeybearerAPI
import KeybearerTestHarness
import Testing

/// What happens at known moments: a node stopped, a database away, a standby promoted.
@Suite(.serialized) struct `Outages` {
    private static func verdict(_ node: RunningServer, _ key: String) async throws -> String? {
        try await node.verification.send("POST", "/v1/verify", [], ["key": .string(key)]).code
    }

    private static func revoke(_ trio: Trio, _ id: String, on node: Int) async throws -> JSON {
        let reply = try await trio.nodes[node].control.send(
            "POST", "/v1/api-keys/\(id)/revoke", trio.team.acting(as: Trio.owner, in: "tern"))
        try reply.mustSucceed()
        return reply.json.at("revocation")
    }

    @Test func `A8 a revoke names the nodes that acknowledged, and waits a lease for one that is stopped`()
        async throws
    {
        let trio = try await Trio()
        let first = try await trio.key()
        for node in trio.nodes { #expect(try await Self.verdict(node, first.key) == "valid") }
        let healthy = try await Self.revoke(trio, first.id, on: 1)
        #expect(healthy.at("acknowledged_by").items.compactMap(\.text) == ["node-0", "node-1", "node-2"])
        #expect(healthy.at("completed_by").text == "acknowledgement")
        for node in trio.nodes { #expect(try await Self.verdict(node, first.key) == "revoked") }

        let second = try await trio.key()
        for node in trio.nodes { #expect(try await Self.verdict(node, second.key) == "valid") }
        trio.nodes[2].pause()
        let stopped = try await Self.revoke(trio, second.id, on: 0)
        #expect(stopped.at("acknowledged_by").items.compactMap(\.text) == ["node-0", "node-1"])
        #expect(stopped.at("unreachable").items.compactMap(\.text) == ["node-2"])
        #expect(stopped.at("completed_by").text == "time")
        #expect(stopped.at("complete").boolValue == true)
        trio.nodes[2].goOn()
        #expect(try await Self.verdict(trio.nodes[2], second.key) == "revoked")
        let listed = try await trio.nodes[0].control.get(
            "/v1/operator/nodes", [("Authorization", "Bearer \(trio.team.operatorToken)")])
        #expect(Set(listed.json.at("data").items.compactMap { $0["name"]?.text }) == ["node-0", "node-1", "node-2"])
        trio.stop()
    }

    /// With the shortest lease and with the one that is not configured otherwise.
    @Test(arguments: [1, 5])
    func `A7 without its database a node answers unavailable once its lease is over, valid within 2 s of its return`(
        leaseSeconds: Int
    ) async throws {
        let trio = try await Trio(leaseSeconds: leaseSeconds)
        let (key, id) = try await trio.key()
        for node in trio.nodes { #expect(try await Self.verdict(node, key) == "valid") }
        // A machine that is busy with something else may be late, but not each time.
        var recoveries: [Duration] = []
        repeat {
            try await Self.loseDatabase(trio, key, id)
            recoveries.append(try await Self.recovery(trio, key))
        } while recoveries.count < 3 && recoveries.allSatisfy { $0 > .seconds(2) }
        #expect(recoveries.contains { $0 <= .seconds(2) }, "\(recoveries)")
        print("lease of \(leaseSeconds) s: every node decided \(recoveries) after the database had come back")
        trio.stop()
    }

    /// Returns once every node has turned to `unavailable`.
    private static func loseDatabase(_ trio: Trio, _ key: String, _ id: String) async throws {
        try trio.database.primary.crash()
        let limit = ContinuousClock.now + .seconds(10)
        for node in trio.nodes {
            while try await Self.verdict(node, key) != "unavailable" {
                try #require(ContinuousClock.now < limit, "a node goes on without its database")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await node.verification.get("/readyz").status == 503)
            #expect(try await node.verification.get("/healthz").status == 200)
            let refused = try await node.verification.get("/v1/authorize", [("Authorization", "Bearer \(key)")])
            #expect(refused.status == 503)
        }
        // What is asked for meanwhile is refused as it is, and nothing is half-written.
        let change = try await trio.nodes[0].control.send(
            "POST", "/v1/api-keys/\(id)/revoke", trio.team.acting(as: Trio.owner, in: "tern"))
        #expect(change.status == 503)
    }

    /// From the moment when the database takes connections until every node accepts the key.
    private static func recovery(_ trio: Trio, _ key: String) async throws -> Duration {
        try trio.database.primary.restart()
        // It was noticed a tenth of a second after that moment at the latest.
        let back = ContinuousClock.now - .milliseconds(100)
        for node in trio.nodes {
            while try await verdict(node, key) != "valid" {
                try #require(ContinuousClock.now < back + .seconds(10), "a node does not recover")
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return ContinuousClock.now - back
    }

    @Test func `A37 after the promotion of a synchronous standby nothing that was answered is lost`() async throws {
        let trio = try await Trio()
        let kept = try await trio.key()
        let ended = try await trio.key()
        _ = try await Self.revoke(trio, ended.id, on: 0)
        trio.stop()
        try trio.database.primary.crash()
        try trio.database.promote()
        // Other nodes, on the server that took over.
        let nodes = try (0..<2).map { number in
            try RunningServer(
                database: "postgres://keybearer@127.0.0.1:\(trio.database.standby.port)/keybearer",
                cluster: "node_name: new-\(number), lease_seconds: 1")
        }
        try trio.database.standby.query("ALTER SYSTEM SET synchronous_standby_names = ''")
        try trio.database.standby.query("SELECT pg_reload_conf()")
        for node in nodes {
            try await node.start()
            #expect(try await Self.verdict(node, kept.key) == "valid")
            #expect(try await Self.verdict(node, ended.key) == "revoked")
        }
        #expect(try nodes[0].command("audit", "verify").status == 0)
        for node in nodes { node.stop() }
    }

    @Test func `A40 a node whose server was replaced under it begins anew`() async throws {
        let database = try ReplicatedPostgreSQL()
        let node = try RunningServer(
            database:
                "postgres://keybearer@127.0.0.1:\(database.primary.port),127.0.0.1:\(database.standby.port)/keybearer",
            cluster: "node_name: node-a, lease_seconds: 1")
        try await node.start()
        let team = try Team(node)
        try await team.organization("tern")
        try await team.member("olga@tern.example", of: "tern", role: "owner")
        let made = try await team.key("kept", as: "olga@tern.example", in: "tern")
        let key = try #require(made.at("key").text)
        #expect(try await Self.verdict(node, key) == "valid")
        try database.primary.crash()
        try database.promote()
        try database.standby.query("ALTER SYSTEM SET synchronous_standby_names = ''")
        try database.standby.query("SELECT pg_reload_conf()")
        let limit = ContinuousClock.now + .seconds(15)
        while try await Self.verdict(node, key) != "valid" || node.logText.contains("another server") == false {
            try #require(ContinuousClock.now < limit, "\(node.logText.suffix(2000))")
            try await Task.sleep(for: .milliseconds(50))
        }
        let id = try #require(made.at("api_key", "id").text)
        let revoked = try await node.control.send(
            "POST", "/v1/api-keys/\(id)/revoke", team.acting(as: "olga@tern.example", in: "tern"))
        try revoked.mustSucceed()
        #expect(try await Self.verdict(node, key) == "revoked")
        node.stop()
    }

    @Test func `A37 doctor warns of a standby that may have missed revokes`() async throws {
        for isSynchronous in [false, true] {
            let database = try ReplicatedPostgreSQL(isSynchronous: isSynchronous)
            let node = try RunningServer(
                database: "postgres://keybearer@127.0.0.1:\(database.primary.port)/keybearer",
                cluster: "node_name: node-a, lease_seconds: 1")
            try await node.start()
            let outcome = try node.command("doctor")
            #expect(outcome.output.contains("follow asynchronously") == !isSynchronous, "\(outcome.output)")
            #expect(outcome.output.contains("a commit waits for its standby") == isSynchronous)
            node.stop()
        }
    }

    @Test func `a verification that memory can answer sends nothing to the database`() async throws {
        let trio = try await Trio(leaseSeconds: 5)
        let (key, _) = try await trio.key()
        let node = trio.nodes[0]
        #expect(try await Self.verdict(node, key) == "valid")
        func transactions() throws -> Int {
            try trio.database.primary.query("SELECT pg_stat_force_next_flush()")
            let text = try trio.database.primary.query(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'keybearer'")
            return try #require(Int(text))
        }
        /// Backends tell their statistics a second after they fall silent.
        func spent(during body: () throws -> Void) async throws -> Int {
            try await Task.sleep(for: .milliseconds(1200))
            let before = try transactions()
            try body()
            try await Task.sleep(for: .milliseconds(1200))
            return try transactions() - before
        }
        // Renewals, looks for silent nodes and the listeners' questions go on, whether or not keys are verified.
        let idle = try await spent { Thread.sleep(forTimeInterval: 4) }
        let connection = KeptConnection(port: node.verificationPort, patience: 2000)
        let question = Subject(key: key).question
        var asked = 0
        let busy = try await spent {
            let end = ContinuousClock.now + .seconds(4)
            while ContinuousClock.now < end || asked < 2000 {
                let answer = try #require(connection.ask(question))
                #expect(String(decoding: answer, as: UTF8.self).contains(#""code":"valid""#))
                asked += 1
                if asked >= 4000 { usleep(20_000) }
            }
        }
        // Counts are written every five seconds, and portions of the key's rate limit are granted now and then.
        #expect(busy < idle + 60, "\(busy) transactions beside \(asked) verifications, \(idle) without")
        trio.stop()
    }
}
