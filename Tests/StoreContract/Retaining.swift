import KeybearerCluster
import KeybearerVerification
import Testing

@testable import KeybearerAdministration
@testable import KeybearerStore

/// What grows with time is removed after it, and what is left proves itself.
@Suite struct `What is kept and for how long` {
    private static let day: Int64 = 86_400
    private static let now = ContractFixture.start
    private static let secret = [UInt8](repeating: 9, count: 32)

    private static func administration(_ store: Store, _ retention: Retention) throws -> Administration {
        guard let format = KeyFormat(prefix: "sk") else { throw ContractFixture.BadFixture() }
        let rules = Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read"]]), keyFormat: format, peppers: .none,
            auditSecret: secret, retention: retention)
        let meter = UsageMeter()
        let memory = RecordCache(capacityInBytes: 1 << 20, meter: meter)
        let verifier = Verifier(
            format: format, peppers: .none, cache: memory, source: LedgerRecordSource(ledger: store, rules: rules),
            freshness: store, clock: ContractFixture.clock)
        return Administration(
            ledger: store, rules: rules, verifier: verifier, meter: meter, clock: ContractFixture.clock,
            logger: ContractFixture.logger)
    }

    /// One event a day, the newest one day ago.
    private static func fill(_ fixture: ContractFixture, _ chain: AuditChain, days: Int, breakingAt broken: Int? = nil)
        async throws -> [AuditEvent]
    {
        let trail = AuditTrail(secret: secret)
        var random = SystemRandomNumberGenerator()
        var head: AuditHead?
        var events: [AuditEvent] = []
        for number in 1...days {
            let at = now.adding(seconds: -day * Int64(days - number + 1))
            let entry = AuditEntry(
                chain: chain, at: at, actor: "local:test", via: nil, address: nil, action: "api_key.create",
                target: nil, outcome: "ok", count: 1, details: [:])
            let maker = number == broken ? AuditTrail(secret: nil) : trail
            let event = maker.event(entry, after: head, id: EventID(at: at, using: &random))
            head = AuditHead(chain: chain, position: event.position, hash: event.hash)
            events.append(event)
        }
        let all = events
        _ = try await fixture.store.commit { _ in Prepared(all.map { .appendAudit($0) }, ()) }
        return events
    }

    private static func head(_ event: AuditEvent) -> AuditHead {
        AuditHead(chain: event.chain, position: event.position, hash: event.hash)
    }

    private static func verdict(_ fixture: ContractFixture, _ kept: AuditEvent...) async throws -> ChainVerdict {
        try await AuditTrail(secret: secret).verify(fixture.store, against: kept.map(head), progress: { _ in })
    }

    @Test(arguments: Backend.all)
    func `hourly usage goes after its days, and nothing else does`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let organization = fixture.organization.id
        try await fixture.database.write { connection in
            for hour in 0..<3_000 {
                try connection.run(
                    "INSERT INTO usage_hourly (key_id, organization_id, hour, verdict, count) VALUES ($1, $2, $3, $4, 1)",
                    [
                        .text("key_a"), .text(organization),
                        .time(Self.now.adding(seconds: -3600 * Int64(hour))), .text("valid"),
                    ])
            }
        }
        func count() async throws -> Int64 {
            try await fixture.database.read { try $0.row("SELECT count(*) FROM usage_hourly", [])?.integer(0) ?? 0 }
        }
        await (try Self.administration(fixture.store, Retention(usageDays: nil))).prune()
        #expect(try await count() == 3_000)
        await (try Self.administration(fixture.store, Retention(usageDays: 10))).prune()
        #expect(try await count() == 241)
    }

    @Test(arguments: Backend.all)
    func `A34 old events leave a checkpoint from which the chain still verifies and goes on`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let chain = AuditChain.organization(fixture.organization.id)
        let events = try await Self.fill(fixture, chain, days: 350)
        _ = try await Self.fill(fixture, .operator, days: 5)
        await (try Self.administration(fixture.store, Retention(auditDays: 100))).prune()
        let left = try await fixture.store.read { try $0.auditEvents(of: chain, after: 0, limit: 500) }
        #expect(left == Array(events.suffix(100)))
        #expect(try await Self.verdict(fixture) == .intact(events: 105))
        #expect(try await Self.verdict(fixture, events[249], events[300]) == .intact(events: 105))
        guard case .pruned(let head, let checkpoint) = try await Self.verdict(fixture, events[248]) else {
            return #expect(Bool(false), "a head that is gone was not reported")
        }
        #expect(head.position == 249 && checkpoint.position == 250)

        // All of it is old one day: the next event still names the last one that was.
        await (try Self.administration(fixture.store, Retention(auditDays: 1))).prune()
        let (end, rest) = try await fixture.store.read { records in
            (try records.auditHead(of: chain), try records.auditEvents(of: chain, after: 0, limit: 500))
        }
        #expect(rest.count == 1 && end == Self.head(events[349]))
        try await fixture.database.write { connection in
            try connection.prune(upTo: AuditTrail(secret: Self.secret).checkpoint(upTo: events[349], at: Self.now))
        }
        #expect(try await fixture.store.read { try $0.auditHead(of: chain) } == Self.head(events[349]))
        #expect(try await fixture.store.read { try $0.auditHeads() }.map(\.position).sorted() == [5, 350])
        _ = try await fixture.store.commit { records in
            var writing = Writing(records, AuditTrail(secret: Self.secret), now: Self.now)
            try writing.append(
                AuditEntry(
                    chain: chain, at: Self.now, actor: "a", via: nil, address: nil, action: "x", target: nil,
                    outcome: "ok", count: 1, details: [:]))
            return Prepared(writing.changes, ())
        }
        #expect(try await Self.verdict(fixture, events[349]) == .intact(events: 2))
    }

    @Test(arguments: Backend.all)
    func `A34 a beginning that was cut off without a checkpoint, or with a forged one, is found`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let events = try await Self.fill(fixture, .operator, days: 20)
        await #expect(throws: (any Error).self) {
            try await fixture.database.write { try $0.run("DELETE FROM audit_event WHERE position <= 10", []) }
        }
        await (try Self.administration(fixture.store, Retention(auditDays: 15))).prune()
        #expect(try await Self.verdict(fixture) == .intact(events: 15))
        await #expect(throws: (any Error).self) {
            try await fixture.database.write { try $0.run("DELETE FROM audit_event WHERE position <= 10", []) }
        }
        // Somebody who can write the database and has no secret.
        let forged = AuditTrail(secret: nil).checkpoint(upTo: events[9], at: Self.now)
        try await fixture.database.write { try $0.prune(upTo: forged) }
        #expect(
            try await Self.verdict(fixture)
                == .broken(chain: .operator, position: 10, reason: "its checkpoint was altered"))
        try await fixture.database.write { try $0.run("DELETE FROM audit_checkpoint", []) }
        guard case .broken(.operator, 1, _) = try await Self.verdict(fixture) else {
            return #expect(Bool(false), "events are missing and nothing was said")
        }
    }

    @Test(arguments: Backend.all)
    func `what was tampered with is not removed`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let events = try await Self.fill(fixture, .operator, days: 30, breakingAt: 8)
        await (try Self.administration(fixture.store, Retention(auditDays: 10))).prune()
        let left = try await fixture.store.read { try $0.auditEvents(of: .operator, after: 0, limit: 100) }
        #expect(left == Array(events.dropFirst(7)))
        guard case .broken(.operator, 8, _) = try await Self.verdict(fixture) else {
            return #expect(Bool(false), "the break is gone")
        }
    }

    @Test(arguments: Backend.all)
    func `several at once remove each event once, while others write and the chain is read`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let chain = AuditChain.organization(fixture.organization.id)
        _ = try await Self.fill(fixture, chain, days: 900)
        let (other, _) = try await fixture.openAnother()
        let administrations = try [fixture.store, other].map {
            try Self.administration($0, Retention(auditDays: 50))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for administration in administrations { group.addTask { await administration.prune() } }
            group.addTask {
                for _ in 0..<5 {
                    guard case .intact = try await Self.verdict(fixture) else {
                        #expect(Bool(false), "a chain that is being pruned looks broken")
                        continue
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Self.verdict(fixture) == .intact(events: 50))
    }

    @Test(arguments: Backend.postgreSQL)
    func `the change log keeps a day, its newest row and no gap`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let end = try await fixture.database.read { try LogPlace.end($0) }
        try await fixture.database.write { connection in
            for number in 1...2_500 {
                let age = number <= 2_300 ? 2 * Self.day : 10
                try connection.run(
                    """
                    INSERT INTO change_log (seq, at, effect, link)
                    VALUES ($1, $2, 'none', sha256(convert_to($1::bigint::text, 'UTF8')))
                    """, [.integer(end.revision + Int64(number)), .time(Self.now.adding(seconds: -age))])
            }
            try connection.run("UPDATE change_log SET at = 0 WHERE seq <= $1", [.integer(end.revision)])
        }
        func rows() async throws -> [Int64] {
            try await fixture.database.read {
                try $0.rows("SELECT seq FROM change_log ORDER BY seq", []).map { try $0.integer(0) }
            }
        }
        try await fixture.store.trimLog(before: Self.now.adding(seconds: -Self.day))
        #expect(try await rows() == Array(end.revision + 2_301...end.revision + 2_500))
        // A clock a year ahead takes nothing that is younger than a day beside the newest row.
        try await fixture.store.trimLog(before: Self.now.adding(seconds: 365 * Self.day))
        #expect(try await rows().count == 200)
        try await fixture.database.write { try $0.run("UPDATE change_log SET at = 0 WHERE seq % 2 = 0", []) }
        try await fixture.store.trimLog(before: Self.now)
        #expect(try await rows().last == end.revision + 2_500)
    }
}
