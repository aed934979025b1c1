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
        let (writer, refersToWhatIsThere) = try await fixture.database.write { connection in
            (
                try SQLiteDatabase.Facts(connection),
                try connection.row("PRAGMA foreign_keys", [])?.integer(0) == 1
            )
        }
        #expect(writer.isDurable && refersToWhatIsThere)
        let lax = try await fixture.database.pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            return try SQLiteDatabase.Facts(SQLiteConnection(of: database))
        }
        #expect(!lax.isDurable)
    }

    @Test func `A5 a statement on what belongs to an organization names the organization`() throws {
        let queries = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Store/Queries")
        // Found by a secret's digest, by the operator who names keys alone, for one person across organizations, in the
        // organization of a slug, or by age alone where it is removed.
        let exceptions = [
            "WHERE k.digest = $1", "SELECT organization_id FROM api_key WHERE id = $1", "WHERE token_digest = $1",
            "WHERE p.email = $1 AND o.slug = $2", "WHERE m.user_id = $1", "FROM member WHERE user_id = $1",
            "SELECT name, value FROM api_key_label WHERE key_id = $1",
            "UPDATE invitation SET accepted_at = $2 WHERE id = $1", "DELETE FROM invitation WHERE expires_at < $1",
            "WHERE o.deleted_at IS NULL AND k.id < coalesce($1, '~')",
            "SELECT count(*) FROM (SELECT id FROM api_key LIMIT $1)", "SELECT count(*) FROM api_key",
            "SELECT digest FROM api_key WHERE digest > $1",
            "DELETE FROM key_denial WHERE key_id = $1", "SELECT number FROM key_denial WHERE key_id = $1",
            "FROM usage_hourly WHERE hour < $1",
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

    @Test func `A27 what another process creates is known, also while the digests are read`() async throws {
        let fixture = try await StoreFixture()
        for _ in 0..<1_200 { try await fixture.write(.insertKey(try fixture.key())) }
        let other = try SQLiteDatabase(path: fixture.path, mode: .local)
        let elsewhere = try await StoreFixture.store(on: other, RecordCache(capacityInBytes: 1 << 20))
        let memory = fixture.memory
        // Some of them before the place where the reading stands, and some behind it.
        let meanwhile = try (0..<20).map { _ in try fixture.key() }
        try await memory.gather(expecting: 1_200) { insert async throws in
            let first = try await fixture.store.read { try $0.digests(after: nil, limit: 600) }
            first.forEach(insert)
            for key in meanwhile { _ = try await elsewhere.commit { _ in Prepared([.insertKey(key)], ()) } }
            try await fixture.store.read { try $0.digests(after: first.last, limit: 1_000) }.forEach(insert)
        }
        let later = try fixture.key()
        _ = try await elsewhere.commit { _ in Prepared([.insertKey(later)], ()) }
        #expect(memory.isKnown && !fixture.store.isCurrent())
        try await fixture.store.catchUp()
        let source = LedgerRecordSource(ledger: fixture.store, rules: try Self.rules())
        for digest in (meanwhile + [later]).map(\.digest) {
            if case .absent = memory.lookup(digest) { Issue.record("a key that exists is absent") }
            #expect(try await memory.load([digest], from: source)?.digest == digest)
        }
        let unknown = try (0..<100).map { _ in try fixture.key().digest }
        #expect(unknown.contains { if case .absent = memory.lookup($0) { true } else { false } })
    }

    @Test func `a full disk refuses a change in one piece, and nothing is half-written`() async throws {
        let fixture = try await StoreFixture()
        // No more than there are.
        _ = try await fixture.database.write { try $0.rows("PRAGMA max_page_count = 1", []) }
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
        _ = try await fixture.database.write { try $0.rows("PRAGMA max_page_count = 1000000", []) }
        try await fixture.write(.insertKey(try fixture.key()))
    }

    private static func rules() throws -> Rules {
        guard let format = KeyFormat(prefix: "sk") else { throw StoreFixture.BadFixture() }
        return Rules(
            catalogue: try PermissionCatalogue(resources: ["project": ["read"]]), keyFormat: format, peppers: .none)
    }
}
