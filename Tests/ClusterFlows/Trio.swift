import Foundation
import KeybearerAPI
import KeybearerCluster
import KeybearerTestHarness

/// Three real nodes on one real PostgreSQL, each behind a network of the test's own.
final class Trio: Sendable {
    let database: ReplicatedPostgreSQL
    let databaseName: String
    let proxies: [FaultyProxy]
    let nodes: [RunningServer]
    let team: Team
    static let owner = "olga@tern.example"

    /// - Parameter settings: below the top level of each node's configuration.
    convenience init(
        leaseSeconds: Int = 1, isSynchronous: Bool = true, settings: String = "", verification: String = ""
    ) async throws {
        try await self.init(
            ReplicatedPostgreSQL(isSynchronous: isSynchronous), "keybearer",
            leases: [leaseSeconds, leaseSeconds, leaseSeconds], settings: settings, verification: verification)
    }

    /// - Parameters:
    ///   - name: of a database that is there and empty.
    ///   - leases: of each node, in seconds.
    ///   - clockRates: how fast each node's clock runs, as a multiple of the machine's.
    ///   - broken: a rule of the protocol that the nodes break.
    init(
        _ database: ReplicatedPostgreSQL, _ name: String, leases: [Int] = [1, 1, 1],
        clockRates: [Double] = [1, 1, 1], breaking broken: Rule? = nil, settings: String = "",
        verification: String = ""
    ) async throws {
        self.database = database
        databaseName = name
        let proxies = try leases.map { _ in try FaultyProxy(to: database.primary.port) }
        self.proxies = proxies
        let nodes = try leases.indices.map { number in
            var environment: [String: String] = [:]
            if clockRates[number] != 1 { environment["BREAK_KEYBEARER_CLOCK"] = "\(clockRates[number])" }
            if let broken { environment["BREAK_KEYBEARER_RULE"] = broken.rawValue }
            return try RunningServer(
                settings, verification: verification,
                database: "postgres://keybearer@127.0.0.1:\(proxies[number].port)/\(name)",
                cluster: "node_name: node-\(number), lease_seconds: \(leases[number])", environment: environment)
        }
        self.nodes = nodes
        try await nodes[0].start()
        async let second: Void = nodes[1].start()
        try await nodes[2].start()
        try await second
        team = try Team(nodes[0])
        try await organization("tern")
    }

    /// Whatever has just happened to the database may still end a call or two.
    func organization(_ slug: String) async throws {
        for attempt in 1... {
            do {
                try await team.organization(slug)
                try await team.member(Self.owner, of: slug, role: "owner")
                return
            } catch  where attempt < 20 {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// As whoever supervises it would: a node that finds no database at its start, or loses it meanwhile, says so, ends,
    /// and is started again.
    func startAgain(_ node: RunningServer) async throws {
        for _ in 0..<40 {
            do {
                return try await node.start()
            } catch let error as HarnessError
                where error.description.contains("connection to server")
                || error.description.contains("server closed the connection")
            {
                try await Task.sleep(for: .milliseconds(250))
            }
        }
        try await node.start()
    }

    /// Ends every fault; returns once all three decide again.
    func heal() async throws {
        for proxy in proxies { proxy.heal() }
        database.primary.resume()
        database.standby.resume()
        for node in nodes {
            node.goOn()
            if node.processID == nil { try await startAgain(node) }
        }
        let limit = ContinuousClock.now + .seconds(20)
        for node in nodes {
            while try await node.verification.get("/readyz").status != 200 {
                guard .now < limit else { throw HarnessError("a node did not recover:\n\(node.logText.suffix(3000))") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// A new key of an organization; asked of a node that answers.
    func key(_ slug: String = "tern", on node: Int = 0, _ more: JSONObject = [:]) async throws -> (
        key: String, id: String
    ) {
        var body: JSONObject = ["name": "load", "permissions": ["project:read", "project:deploy"]]
        for member in more.members { body[member.key] = member.value }
        var reply = Reply(status: 503, headers: [], body: [])
        for _ in 0..<20 where reply.status == 503 {
            if !reply.body.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
            reply = try await nodes[node].control.send(
                "POST", "/v1/api-keys", team.acting(as: Self.owner, in: slug), .object(body))
        }
        guard reply.status == 201, let key = reply.json.at("key").text, let id = reply.json.at("api_key", "id").text
        else { throw HarnessError("\(reply.status): \(reply.text)") }
        return (key, id)
    }

    func stop() { for node in nodes { node.stop() } }
}
