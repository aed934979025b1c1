import Foundation
import GRDB
import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerStore

@Suite struct `Embedded store` {
    @Test func `A36 the writer commits with synchronous FULL in WAL mode`() async throws {
        let fixture = try await StoreFixture()
        #expect(try await fixture.database.facts().isDurable)
        try await fixture.database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
        #expect(try await !fixture.database.facts().isDurable)
    }

    /// NUL is not among them: no text that reaches the store may hold a control character.
    @Test func `A24 any text is stored and read as it is, and is never part of a statement`() async throws {
        let fixture = try await StoreFixture()
        var names = ["'; DROP TABLE api_key; --", "\" OR 1=1", "$1", "?1", "é", "e\u{301}"]
        names += (1...255).compactMap { Unicode.Scalar($0).map { "x\(Character($0))y" } }
        var ids: [(KeyID, String)] = []
        for name in names {
            let key = try fixture.key(name, labels: [APIKey.Label(key: "l", value: name)])
            try await fixture.write(.insertKey(key))
            ids.append((key.id, name))
        }
        let organization = fixture.organization.id
        for (id, name) in ids {
            let read = try await fixture.store.read { try $0.key(id, of: organization) }
            #expect(read.map { Array($0.name.utf8) } == Array(name.utf8))
            #expect(read?.labels.first.map { Array($0.value.utf8) } == Array(name.utf8))
        }
    }

    @Test func `A5 a statement on what belongs to an organization names the organization`() throws {
        let queries = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Store/Queries")
        // Found by a secret's digest, by the operator who names keys alone, or for one person across organizations.
        let exceptions = [
            "WHERE k.digest = $1", "SELECT organization_id FROM api_key WHERE id = $1", "WHERE token_digest = $1",
            "WHERE m.user_id = $1", "FROM member WHERE user_id = $1",
            "SELECT name, value FROM api_key_label WHERE key_id = $1",
            "UPDATE invitation SET accepted_at = $2 WHERE id = $1", "DELETE FROM invitation WHERE expires_at < $1",
            "WHERE o.deleted_at IS NULL AND k.id < coalesce($1, '~')", "SELECT count(*) FROM api_key",
            "DELETE FROM key_denial WHERE key_id = $1", "SELECT number FROM key_denial WHERE key_id = $1",
        ]
        let tables =
            #/(FROM|UPDATE|JOIN|INTO)\s+(api_key|api_key_label|member|role|invitation|key_last_use|usage_hourly|permission_last_use|key_denial)\b/#
        var checked = 0
        for file in try FileManager.default.contentsOfDirectory(at: queries, includingPropertiesForKeys: nil) {
            let source = try String(contentsOf: file, encoding: .utf8)
            let triple = source.split(separator: "\"\"\"", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
            let single = source.matches(of: #/"((?:SELECT|UPDATE|DELETE|INSERT)[^"\n]*)"/#).map { String($0.output.1) }
            for statement in triple + single where statement.contains(tables) {
                checked += 1
                let folded = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(
                    folded.contains("organization_id")
                        && (folded.contains(#/organization_id = \$/#) || folded.hasPrefix("INSERT"))
                        || exceptions.contains(where: folded.contains), "\(file.lastPathComponent): \(folded)")
            }
        }
        #expect(checked > 25)
    }

    @Test func `A38 of 2000 commits by another process none is missed`() async throws {
        let fixture = try await StoreFixture()
        let other = try SQLiteDatabase(path: fixture.path, mode: .local)
        let elsewhere = try await StoreFixture.store(on: other, RecordCache(capacityInBytes: 1 << 20))
        try await fixture.store.catchUp()
        var missed = 0
        for _ in 0..<2000 {
            _ = try await elsewhere.commit { _ in Prepared([], ()) }
            if fixture.store.isCurrent() { missed += 1 }
            try await fixture.store.catchUp()
            #expect(fixture.store.isCurrent())
        }
        #expect(missed == 0)
        #expect(fixture.store.revision == elsewhere.revision)
    }

    @Test func `A38 what another process revoked leaves memory, also when a commit of our own comes between`()
        async throws
    {
        let fixture = try await StoreFixture()
        var key = try fixture.key()
        try await fixture.write(.insertKey(key))
        let digest = key.digest
        let source = LedgerRecordSource(ledger: fixture.store, rules: try Self.rules())
        _ = try await fixture.memory.load([digest], from: source)
        guard case .hit = fixture.memory.lookup(digest) else { return #expect(Bool(false), "the key was not loaded") }
        let other = try SQLiteDatabase(path: fixture.path, mode: .local)
        let elsewhere = try await StoreFixture.store(on: other, RecordCache(capacityInBytes: 1 << 20))
        key.revocation = APIKey.Revocation(at: StoreFixture.start, by: "local:test", reason: nil)
        let revoked = key
        _ = try await elsewhere.commit { _ in Prepared([.updateKey(revoked)], ()) }
        try await fixture.write(.touchSession(SessionID(high: 1, low: 1), at: StoreFixture.start))
        try await fixture.store.catchUp()
        if case .hit = fixture.memory.lookup(digest) { #expect(Bool(false), "memory still holds the key") }
    }

    @Test func `A34 audit events are neither changed nor removed through the store's own connection`() async throws {
        let fixture = try await StoreFixture()
        try await fixture.database.pool.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    INSERT INTO audit_event VALUES ('evt_1', 'operator', 1, 0, 'a', NULL, NULL, 'x', NULL, 'ok', 1, '{}',
                        zeroblob(32), zeroblob(32))
                    """)
            for statement in ["UPDATE audit_event SET actor = 'b'", "DELETE FROM audit_event"] {
                #expect(throws: DatabaseError.self) { try database.execute(sql: statement) }
            }
        }
    }

    @Test func `a full disk refuses a change in one piece, and nothing is half-written`() async throws {
        let fixture = try await StoreFixture()
        try await fixture.database.pool.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 3)")
        }
        var written = 0
        var refusal: Failure?
        while refusal == nil && written < 500 {
            do {
                try await fixture.write(.insertKey(try fixture.key(String(repeating: "x", count: 90))))
                written += 1
            } catch let failure as Failure {
                refusal = failure
            }
        }
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.detail.contains("full") == true)
        let keys = try await fixture.database.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM api_key") }
        #expect(keys == written)
        #expect(try await fixture.database.integrityFaults().isEmpty)
        try await fixture.database.pool.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA max_page_count = 1000000")
        }
        try await fixture.write(.insertKey(try fixture.key()))
    }

    @Test func `the quota counts live keys, a rotating pair once, and neither expired nor revoked ones`() async throws {
        let fixture = try await StoreFixture()
        let now = StoreFixture.start.adding(seconds: 1000)
        var old = try fixture.key("old")
        let successor = try fixture.key("new")
        old.successor = successor.id
        old.overlapEndsAt = now.adding(seconds: 10)
        var expired = try fixture.key("expired")
        expired.expiresAt = now
        var revoked = try fixture.key("revoked")
        revoked.revocation = APIKey.Revocation(at: now, by: "user:x", reason: nil)
        var disabled = try fixture.key("disabled")
        disabled.isDisabled = true
        for key in [old, successor, expired, revoked, disabled] {
            try await fixture.write(.insertKey(key), .updateKey(key))
        }
        let organization = fixture.organization.id
        #expect(try await fixture.store.read { try $0.quotaUse(of: organization, now: now) } == 2)
        var ended = successor
        ended.revocation = APIKey.Revocation(at: now, by: "user:x", reason: nil)
        try await fixture.write(.updateKey(ended))
        #expect(
            try await fixture.store.read { try $0.quotaUse(of: organization, now: now) } == 2, "the old key is alone")
        let later = now.adding(seconds: 10)
        #expect(try await fixture.store.read { try $0.quotaUse(of: organization, now: later) } == 1)
    }

    @Test func `A21 names that look alike stay apart`() async throws {
        let fixture = try await StoreFixture()
        let composed = APIKey.Label(key: "caf\u{e9}", value: "1")
        let decomposed = APIKey.Label(key: "cafe\u{301}", value: "2")
        try await fixture.write(.insertKey(try fixture.key("both", labels: [composed, decomposed])))
        var query = KeyQuery(organization: fixture.organization.id)
        query.label = ("caf\u{e9}", "2")
        let wanted = query
        let found = try await fixture.store.read { try $0.keys(wanted, Page(limit: 10), now: StoreFixture.start) }
        #expect(found.isEmpty)
    }

    private static func rules() throws -> Rules {
        guard let format = KeyFormat(prefix: "sk") else { throw StoreFixture.BadFixture() }
        return Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read"]]), keyFormat: format, peppers: .none)
    }
}

@Suite struct `Filling memory` {
    @Test func `A27 with every key in memory an unknown one costs no read, and a new one is found`() async throws {
        let fixture = try await StoreFixture()
        for number in 1...1200 { try await fixture.write(.insertKey(try fixture.key("key \(number)"))) }
        guard let format = KeyFormat(prefix: "sk") else { throw StoreFixture.BadFixture() }
        let rules = Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read"]]), keyFormat: format, peppers: .none)
        let memory = RecordCache(capacityInBytes: 64 << 20)
        let source = LedgerRecordSource(ledger: fixture.store, rules: rules)
        #expect(try await source.fill(memory, capacityInBytes: 64 << 20))
        #expect(memory.count == 1200)
        #expect(memory.isComplete)
        let later = try fixture.key("later")
        guard case .absent = memory.lookup(later.digest) else {
            return #expect(Bool(false), "an unknown key costs a read")
        }
        try await fixture.write(.insertKey(later))
        memory.apply([.key(later.digest)])
        #expect(try await memory.load([later.digest], from: source)?.id == later.id)
        #expect(try await !source.fill(RecordCache(capacityInBytes: 1 << 16), capacityInBytes: 1 << 16))
    }
}
