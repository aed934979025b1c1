import Foundation
import KeybearerAPI
import KeybearerTestHarness

/// Three nodes, one key, and the faults of which a schedule is put together that brings a broken rule to light.
struct Stage: Sendable {
    /// How long whoever asks waits for an answer, in milliseconds.
    static let patience = 400

    let trio: Trio
    let load: Load
    let subject: Subject
    let id: String
    private let key: String

    /// With a new key, which nobody has asked about yet.
    init(_ trio: Trio, _ load: Load) async throws {
        (self.trio, self.load) = (trio, load)
        (key, id) = try await trio.key()
        subject = Subject(key: key)
    }

    /// From now on every node is asked about the key; returns once each has accepted it.
    func watch() async throws {
        load.include(subject)
        try await until("every node accepts the key") { Set(subject.recorded.acceptances.map(\.node)).count == 3 }
    }

    /// Revokes the key through a node.
    @discardableResult
    func revoke(on node: Int) async -> Bool {
        await subject.alter(.denies) {
            do {
                let reply = try await trio.nodes[node].control.send(
                    "POST", "/v1/api-keys/\(id)/revoke", trio.team.acting(as: Trio.owner, in: "tern"), bytes: nil,
                    patience: 10)
                return reply.status == 200 && reply.json.at("revocation", "complete").boolValue == true
            } catch {
                return false
            }
        }
    }

    func pause(_ milliseconds: Int) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }

    /// Ends every fault. The network's first: what a node holds locked it gives back by a message.
    func end() async throws {
        load.clear()
        for proxy in trio.proxies { proxy.heal() }
        for node in trio.nodes {
            for gate in Gate.allCases {
                for suffix in ["", ".reached"] { unlink(path(gate, node) + suffix) }
            }
        }
        try query("DROP TRIGGER IF EXISTS spared ON cluster_node")
        try await trio.heal()
    }

    /// What a schedule waited for did not come.
    struct Missed: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: `Missed`.
    func until(
        _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while try await !condition() {
            guard .now < end else { throw Missed(description: "waited in vain until \(what)") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// The network.
extension Stage {
    /// What the node asks of the database does not arrive; what was answered does.
    func mute(_ node: Int) { trio.proxies[node].disturb(requests: .held) }

    /// Every connection ends, and no other is made.
    func cutOff(_ node: Int) { trio.proxies[node].cut() }

    func reconnect(_ node: Int) { trio.proxies[node].heal() }

    /// Returns when the database has renewed the node's lease and the answer is on its way, where it is kept.
    func holdRenewal(of node: Int) async throws {
        trio.proxies[node].disturb(answers: .held, of: [.renewals])
        try await until("a renewal is held") { trio.proxies[node].holdsAnswer(of: .renewals) }
    }

    /// Returns when the database has read the key for a node, which does not get what was read.
    func holdLoad(of node: Int) async throws {
        // A connection that is still to be made would not have read anything.
        for _ in 0..<16 {
            _ = try await trio.nodes[node].control.get(
                "/v1/api-keys/\(id)", trio.team.acting(as: Trio.owner, in: "tern"))
        }
        trio.proxies[node].disturb(answers: .held, of: [.other])
        load.include(subject)
        try await until("a load is held") { trio.proxies[node].holdsAnswer(of: .other) }
        try await pause(20)
    }
}

/// The processes.
extension Stage {
    enum Gate: String, CaseIterable { case registering, applying }

    func stop(_ node: Int) { trio.nodes[node].pause() }

    func goOn(_ node: Int) { trio.nodes[node].goOn() }

    /// The node's thread stands still once it comes there.
    func close(_ gate: Gate, of node: Int) throws {
        try "".write(toFile: path(gate, trio.nodes[node]), atomically: false, encoding: .utf8)
    }

    func reached(_ gate: Gate, of node: Int) async throws {
        let path = path(gate, trio.nodes[node]) + ".reached"
        try await until("a node stands at \(gate)") { access(path, F_OK) == 0 }
    }

    func open(_ gate: Gate, of node: Int) { unlink(path(gate, trio.nodes[node])) }

    /// A node takes the name of another one when it joins the next time, as a copy of that one's machine would have it;
    /// returns once it has.
    func takeName(of other: Int, by node: Int) async throws {
        let path = trio.nodes[node].folder.appendingPathComponent("twin").path
        try "node-\(other)".write(toFile: path, atomically: true, encoding: .utf8)
        try declareDead(node)
        try await until("a node joins by another's name") { access(path, F_OK) != 0 }
        // Where that is found out it joins once more.
        try await pause(300)
    }

    private func path(_ gate: Gate, _ node: RunningServer) -> String {
        node.folder.appendingPathComponent(gate.rawValue).path
    }
}

/// The database.
extension Stage {
    @discardableResult
    func query(_ statement: String) throws -> String {
        try trio.database.primary.query(statement, database: trio.databaseName)
    }

    func declareDead(_ node: Int) throws {
        try query("UPDATE cluster_node SET is_dead = 1 WHERE name = 'node-\(node)'")
    }

    func isDead(_ node: Int) throws -> Bool {
        try query("SELECT count(*) FROM cluster_node WHERE name = 'node-\(node)' AND is_dead = 0") == "0"
    }

    /// Nobody is declared dead any more, as where the others are slow to look: a node that comes back goes on.
    func spareTheDead() throws {
        try query(
            """
            CREATE OR REPLACE FUNCTION spare() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER spared BEFORE UPDATE ON cluster_node FOR EACH ROW WHEN (NEW.is_dead = 1)
            EXECUTE FUNCTION spare()
            """)
    }

    /// The last row of the change log says something else than what was committed.
    func damageLastChange() throws {
        try query(
            """
            UPDATE change_log SET effect = 'none', digest = NULL, pepper_id = NULL
            WHERE seq = (SELECT max(seq) FROM change_log)
            """)
    }

    /// All but the newest row of the change log are removed.
    func trimLog() throws { try query("DELETE FROM change_log WHERE seq < (SELECT max(seq) FROM change_log)") }

    var revision: Int {
        get throws { Int(try query("SELECT coalesce(max(seq), 0) FROM change_log")) ?? 0 }
    }

    /// Commits wait at their end until who has locked the log leaves.
    func lockLog() throws -> ReplicatedPostgreSQL.Server.Visit {
        try trio.database.primary.visit(
            "SELECT pg_advisory_lock(7018141428551340656)", database: trio.databaseName)
    }
}
