import Foundation
import KeybearerVerification
import Logging
import Synchronization
import Testing

@testable import KeybearerVerificationPlane

/// Records for the verifier, and the ways in which getting them can go wrong.
final class MemorySource: KeyRecordSource, Freshness {
    struct Down: Error {}

    private struct State {
        var records: [StoredDigest: KeyRecord] = [:]
        var isDown = false
        var delay = Duration.zero
        var loads = 0
    }

    private let state = Mutex(State())
    let revision: Int64 = 812

    func add(_ record: KeyRecord) { state.withLock { $0.records[record.digest] = record } }
    func goDown() { state.withLock { $0.isDown = true } }
    func slowDown(_ delay: Duration) { state.withLock { $0.delay = delay } }
    var loads: Int { state.withLock(\.loads) }

    func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?] {
        let (delay, isDown, found) = state.withLock { state in
            state.loads += 1
            let records = state.records
            return (state.delay, state.isDown, names.map { digests in digests.compactMap { records[$0] }.first })
        }
        if delay > .zero { try await Task.sleep(for: delay) }
        if isDown { throw Down() }
        return found
    }

    func isCurrent() -> Bool { true }
    func catchUp() async throws { if state.withLock(\.isDown) { throw Down() } }
}

let noon = Timestamp(seconds: 1_795_262_400)

func identifier<Kind: IdentifierKind>(_ number: UInt64) -> Identifier<Kind> {
    Identifier(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
}

/// What a test says of a key; the rest is that of a key for which everything is fine.
struct KeyFixture {
    var number: UInt8 = 1
    var name = "Invented key"
    var granted = ["project:deploy"]
    var ceiling: [String]?
    var allowed: [String] = []
    var isRevoked = false
    var isDisabled = false
    var isSuspended = false
    var expiresAt: Timestamp?
    var requests = 1_000_000
    var labels: [(key: String, value: String)] = []

    /// The key's text.
    func text() throws -> String {
        let format = try #require(KeyFormat(prefix: "sk"))
        return String(decoding: format.text(secret: [UInt8](repeating: number, count: 28)), as: UTF8.self)
    }

    func digest() throws -> KeyDigest { KeyDigest(ofText: Array(try text().utf8)) }

    func record() throws -> KeyRecord {
        func set(_ texts: [String]) throws -> PermissionSet {
            PermissionSet(try texts.map { try #require(Permission($0)) })
        }
        return KeyRecord(
            id: identifier(UInt64(number)),
            organization: OrganizationFacts(
                id: identifier(7), slug: "acme", planName: "pro", isSuspended: isSuspended, rateLimit: nil),
            digest: Peppers.none.seal(try digest()), name: name, preview: "sk_010101…0101", isRevoked: isRevoked,
            isDisabled: isDisabled, expiresAt: expiresAt, overlapEndsAt: nil, grantedTexts: granted,
            permissions: try set(granted), ceiling: try ceiling.map(set),
            allowedAddresses: try allowed.map { try #require(CIDRBlock($0)) },
            createdBy: Creator(kind: .user, id: "usr_1", name: "Ana"), labels: labels,
            rateLimit: try #require(RateLimitPolicy(requests: requests, windowSeconds: 60)))
    }
}

/// A plane on a port of the loopback interface, with a real verifier over records in memory.
struct RunningPlane: Sendable {
    let port: Int
    let source: MemorySource
    let meter: UsageMeter

    /// One request on a connection of its own.
    func ask(
        _ line: String, _ fields: [String] = [], body: String? = nil, bodiless: Bool = false
    ) async throws -> Answer {
        let wire = try Wire(port: port)
        wire.send(Self.request(line, fields, body: body))
        return try #require(try await wire.answers(1, bodiless: bodiless).first)
    }

    static func request(_ line: String, _ fields: [String] = [], body: String? = nil) -> String {
        var head = ["\(line) HTTP/1.1", "Host: plane.example"] + fields
        if let body { head.append("Content-Length: \(body.utf8.count)") }
        return head.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    func verify(_ body: String, _ fields: [String] = []) async throws -> Answer {
        try await ask("POST /v1/verify", ["Content-Type: application/json"] + fields, body: body)
    }

    func authorize(_ query: String = "", _ fields: [String]) async throws -> Answer {
        try await ask("GET /v1/authorize\(query)", fields)
    }
}

func settings() throws -> VerificationPlaneSettings {
    VerificationPlaneSettings(
        listen: .tcp(host: "127.0.0.1", port: 0), secret: nil, trustedProxies: TrustedProxies([]),
        catalogue: try PermissionCatalogue(resources: ["project": ["read", "deploy"], "invoice": ["read"]]),
        routes: [], realm: "keybearer")
}

/// Runs `body` against a plane that holds the keys, and stops the plane.
func withPlane(
    _ keys: [KeyFixture] = [KeyFixture()], _ change: (inout VerificationPlaneSettings) throws -> Void = { _ in },
    isReady: @escaping @Sendable () -> Bool = { true },
    body: @escaping @Sendable (RunningPlane) async throws -> Void
) async throws {
    var chosen = try settings()
    try change(&chosen)
    let source = MemorySource()
    for key in keys { source.add(try key.record()) }
    let meter = UsageMeter()
    let cache = RecordCache(capacityInBytes: 1 << 24, meter: meter)
    let verifier = Verifier(
        format: try #require(KeyFormat(prefix: "sk")), peppers: .none, cache: cache, source: source,
        freshness: source, clock: WallClock { noon })
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let plane = VerificationPlane(
        settings: chosen, verifier: verifier, cache: cache, meter: meter, clock: WallClock { noon },
        readiness: isReady, logger: Logger(label: "test")
    ) { port in announce.yield(port ?? 0) }
    try await withThrowingTaskGroup { group in
        group.addTask {
            defer { announce.finish() }
            try await plane.run()
        }
        var port: Int?
        for await first in ports {
            port = first
            break
        }
        if let port { try await body(RunningPlane(port: port, source: source, meter: meter)) }
        group.cancelAll()
        try await group.waitForAll()
    }
}

extension VerificationPlaneSettings {
    mutating func trust(_ blocks: String...) { trustedProxies = TrustedProxies(blocks.compactMap { CIDRBlock($0) }) }
}
