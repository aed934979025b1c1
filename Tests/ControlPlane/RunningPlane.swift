import Foundation
import KeybearerAPI
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerStore
import KeybearerTestHarness
import KeybearerVerification
import Logging
import ServiceLifecycle
import Synchronization

/// The control plane in this process, on a free port and an SQLite file of its own.
final class RunningPlane: Sendable {
    let port: Int
    let operatorToken: String
    let administration: Administration
    private let folder: URL
    private let group: ServiceGroup
    private let serving: Task<Void, any Error>

    var address: HTTPAddress { HTTPAddress(port: port) }

    static func start(
        _ change: (inout ControlPlaneSettings) -> Void = { _ in }, keyManagement: Rules.KeyManagement = .owner,
        requestsPerMinute: Int = 1000, clock: WallClock = .system(),
        isReady: @escaping @Sendable () async -> Bool = { true }
    ) async throws -> RunningPlane {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plane-\(UUID().uuidString)")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let meter = UsageMeter()
        let memory = RecordCache(capacityInBytes: 1 << 20, meter: meter)
        let store = try await Store(
            database: try SQLiteDatabase(path: folder.appendingPathComponent("keybearer.sqlite").path, mode: .server),
            memory: memory, nodeName: "node-a", clock: clock, logger: logger)
        let rules = try Self.rules(keyManagement, requestsPerMinute: requestsPerMinute)
        let verifier = Verifier(
            format: rules.keyFormat, peppers: rules.peppers, cache: memory,
            source: LedgerRecordSource(ledger: store, rules: rules), freshness: store, clock: clock)
        let administration = Administration(
            ledger: store, rules: rules, verifier: verifier, meter: meter, clock: clock, logger: logger,
            passwordCost: PasswordCost(rounds: 16, blockSize: 8, parallelism: 1))
        var settings = ControlPlaneSettings(
            listen: .tcp(host: "127.0.0.1", port: 0), publicURL: "http://localhost:8080")
        change(&settings)
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let plane = try ControlPlane(
            settings, administration: administration, logger: logger, isReady: isReady,
            nodes: {
                [
                    ControlPlane.Node(
                        name: "node-a", isLive: true, acknowledgedRevision: 1, lastSeenAt: clock.now())
                ]
            }, onListening: { continuation.yield($0 ?? 0) })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: plane, successTerminationBehavior: .gracefullyShutdownGroup)], logger: logger)
        )
        let serving = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await serving.value
            throw HarnessError("the plane ended at its start")
        }
        let token = try await administration.createOperatorToken(
            name: "backend", expiresInDays: nil, allowedIPs: [], isReadOnly: false,
            try await administration.localPermit(.operatorPutUser, command: "test"))
        return RunningPlane(port, token.reveal(), administration, folder, group, serving)
    }

    private init(
        _ port: Int, _ operatorToken: String, _ administration: Administration, _ folder: URL,
        _ group: ServiceGroup, _ serving: Task<Void, any Error>
    ) {
        self.port = port
        self.operatorToken = operatorToken
        self.administration = administration
        self.folder = folder
        self.group = group
        self.serving = serving
    }

    /// Lets the plane drain, and returns once it has ended.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await serving.value
    }

    deinit {
        serving.cancel()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func rules(_ keyManagement: Rules.KeyManagement, requestsPerMinute: Int) throws -> Rules {
        guard let format = KeyFormat(prefix: "sk"),
            let limit = RateLimitPolicy(requests: requestsPerMinute, windowSeconds: 60)
        else { throw HarnessError("the rules are wrong") }
        let plan = Plan(name: "free", activeKeys: 3, features: ["tenant_api_keys"], rateLimit: limit)
        return Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read", "deploy"]]), plans: ["free": plan],
            keyFormat: format, peppers: Peppers(current: nil, retired: []), keyManagement: keyManagement)
    }

    // MARK: Calls

    var byOperator: [(String, String)] { [("Authorization", "Bearer \(operatorToken)")] }

    /// The headers of the owner of a new organization, in whose name the operator acts.
    func owner(of slug: String) async throws -> [(String, String)] {
        try await address.send("PUT", "/v1/operator/organizations/\(slug)", byOperator, ["name": "A company"])
            .mustSucceed()
        let email = "ana@\(slug).example"
        try await address.send(
            "PUT", "/v1/operator/organizations/\(slug)/members/\(email)", byOperator, ["role": "owner", "name": "Ana"]
        ).mustSucceed()
        return byOperator + [("Keybearer-Organization", slug), ("Keybearer-On-Behalf-Of", email)]
    }

    func key(_ owner: [(String, String)], permissions: JSON = ["project:read"]) async throws -> JSON {
        let reply = try await address.send(
            "POST", "/v1/api-keys", owner, ["name": "CI", "permissions": permissions])
        try reply.mustSucceed()
        return reply.json
    }
}
