import Foundation
import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerStore

@Suite struct `What is stored` {
    /// NUL is not among them: no text that reaches the store may hold a control character.
    @Test(arguments: Backend.all)
    func `A24 any text is stored and read as it is, and is never part of a statement`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        var names = ["'; DROP TABLE api_key; --", "\" OR 1=1", "$1", "?1", "é", "e\u{301}", "\\x00", "\u{10FFFF}"]
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

    @Test(arguments: Backend.all)
    func `a key comes back with every part that it was given`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        var key = try fixture.key(
            "all", labels: [APIKey.Label(key: "a", value: "1"), APIKey.Label(key: "b", value: "")])
        key.expiresAt = Timestamp(microseconds: 1_900_000_000_123_456)
        key.isDisabled = true
        key.rateLimit = RateLimitPolicy(requests: 1_000_000_000, windowSeconds: 1)
        key.revocation = APIKey.Revocation(at: ContractFixture.start, by: "user:usr_x", reason: "läuft ab")
        key.overlapEndsAt = ContractFixture.start
        let plain = try fixture.key("plain")
        let whole = key
        try await fixture.write(.insertKey(whole), .insertKey(plain), .updateKey(whole))
        let organization = fixture.organization.id
        #expect(try await fixture.store.read { try $0.key(whole.id, of: organization) } == whole)
        #expect(try await fixture.store.read { try $0.key(plain.id, of: organization) } == plain)
        #expect(try await fixture.store.read { try $0.key(under: [whole.digest])?.id } == whole.id)
        #expect(try await fixture.store.read { try $0.keyCount(upTo: 1_000) } == 2)
    }

    @Test(arguments: Backend.all)
    func `A21 names that look alike stay apart`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let composed = APIKey.Label(key: "caf\u{e9}", value: "1")
        let decomposed = APIKey.Label(key: "cafe\u{301}", value: "2")
        try await fixture.write(.insertKey(try fixture.key("both", labels: [composed, decomposed])))
        var query = KeyQuery(organization: fixture.organization.id)
        query.label = ("caf\u{e9}", "2")
        let wanted = query
        let found = try await fixture.store.read { try $0.keys(wanted, Page(limit: 10), now: ContractFixture.start) }
        #expect(found.isEmpty)
    }

    @Test(arguments: Backend.all)
    func `pages of an organization's keys follow each other without gap or repetition`(_ backend: Backend) async throws
    {
        let fixture = try await ContractFixture(backend)
        var written: [KeyID] = []
        for _ in 0..<25 {
            let key = try fixture.key()
            try await fixture.write(.insertKey(key))
            written.append(key.id)
        }
        let query = KeyQuery(organization: fixture.organization.id)
        var read: [KeyID] = []
        repeat {
            let page = Page(after: read.last, limit: 7)
            let keys = try await fixture.store.read { try $0.keys(query, page, now: ContractFixture.start) }
            if keys.isEmpty { break }
            read += keys.map(\.id)
        } while read.count <= written.count
        #expect(read == written.sorted(by: >))
    }

    @Test(arguments: Backend.all)
    func `every question can be asked, with each of its narrowings and with none`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (organization, user, now) = (fixture.organization, fixture.user, ContractFixture.start)
        let key = try fixture.key("one", labels: [APIKey.Label(key: "env", value: "test")])
        guard let owner = RoleName("owner") else { throw ContractFixture.BadFixture() }
        let member = Member(organization: organization.id, user: user.id, role: owner, grants: [], joinedAt: now)
        try await fixture.write(.insertKey(key), .putMember(member))
        var queries: [KeyQuery] = KeyQuery.StatusFilter.allCases.map {
            KeyQuery(organization: organization.id, status: $0)
        }
        var query = KeyQuery(organization: organization.id)
        query.createdBy = key.createdBy.id
        queries.append(query)
        query.label = ("env", nil)
        queries.append(query)
        query.label = ("env", "test")
        query.unusedSince = now.adding(seconds: 1)
        queries.append(query)
        let asked = queries
        let counts = try await fixture.store.read { records in
            try asked.map { try records.keys($0, Page(limit: 5), now: now).count }
        }
        #expect(zip(asked, counts).allSatisfy { [.expired, .revoked].contains($0.status) ? $1 == 0 : $1 == 1 })
        try await fixture.store.read { try Self.askAll($0, organization, user, member, key) }
        try await fixture.write(.endSessions(of: user.id, except: nil), .forgetExpired(before: now))
    }

    private static func askAll(
        _ records: any Records, _ organization: Organization, _ user: User, _ member: Member, _ key: APIKey
    ) throws {
        let now = ContractFixture.start
        let digest = KeyDigest(ofText: Array("unknown".utf8))
        var audit = AuditQuery(chain: .organization(organization.id))
        #expect(try records.organizations(of: user.id) == [organization])
        #expect(try records.organization(.slug(organization.slug)) == organization)
        #expect(try records.organizations(Page(limit: 1)).count == 1)
        #expect(try records.user(.email(user.email)) == user)
        #expect(try records.members(of: organization.id, Page(limit: 2)).map(\.member) == [member])
        #expect(try records.ownerCount(of: organization.id) == 1)
        #expect(try records.hasMember(withRole: member.role, in: organization.id))
        #expect(try records.roles(of: organization.id).isEmpty)
        #expect(try records.session(withToken: digest) == nil)
        #expect(try records.signInLink(withToken: digest) == nil)
        #expect(try records.idempotencyRecord(digest) == nil)
        #expect(try records.invitation(withToken: digest) == nil)
        #expect(try records.openInvitations(of: organization.id, Page(limit: 2), now: now).isEmpty)
        #expect(try records.everyKey(Page(limit: 2)).map(\.id) == [key.id])
        #expect(try records.auditHeads().isEmpty)
        #expect(try records.auditEvents(audit, before: nil, limit: 3).isEmpty)
        audit.action = "x"
        audit.actor = "y"
        audit.from = now
        audit.to = now
        #expect(try records.auditEvents(audit, before: 7, limit: 3).isEmpty)
    }

    @Test(arguments: Backend.all)
    func `the quota counts live keys, a rotating pair once, and neither expired nor revoked ones`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let now = ContractFixture.start.adding(seconds: 1000)
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

    @Test(arguments: Backend.all)
    func `A34 audit events are neither changed nor removed through the store's own connection`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        try await fixture.database.write { connection in
            try connection.run(
                """
                INSERT INTO audit_event (id, chain, position, at, actor, action, outcome, count, details, previous, hash)
                VALUES ('evt_1', 'operator', 1, 0, 'a', 'x', 'ok', 1, '{}', $1, $1)
                """, [.blob([UInt8](repeating: 0, count: 32))])
        }
        await #expect(throws: (any Error).self) {
            try await fixture.database.write { try $0.run("UPDATE audit_event SET actor = 'b'", []) }
        }
        await #expect(throws: (any Error).self) {
            try await fixture.database.write { try $0.run("DELETE FROM audit_event", []) }
        }
        #expect(try await fixture.database.read { try $0.rows("SELECT actor FROM audit_event", []) }.count == 1)
    }

    @Test(arguments: Backend.all)
    func `A27 with every key in memory an unknown one costs no read, and a new one is found`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        for number in 1...600 { try await fixture.write(.insertKey(try fixture.key("key \(number)"))) }
        let memory = RecordCache(capacityInBytes: 64 << 20)
        let source = LedgerRecordSource(ledger: fixture.store, rules: try ContractFixture.rules())
        try await source.fill(memory)
        #expect(memory.count == 600)
        #expect(memory.isComplete)
        let later = try fixture.key("later")
        guard case .absent = memory.lookup(later.digest) else {
            return #expect(Bool(false), "an unknown key costs a read")
        }
        try await fixture.write(.insertKey(later))
        memory.apply([.key(later.digest)])
        #expect(try await memory.load([later.digest], from: source)?.id == later.id)
    }

    @Test(arguments: Backend.all)
    func `A27 with more keys than memory holds their digests are known, and a new key is found`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        var keys: [APIKey] = []
        for number in 1...1_200 {
            // Each takes far more than the least.
            keys.append(try fixture.key("key \(number), whose name is as long as a name of this sort may well be"))
            try await fixture.write(.insertKey(keys[number - 1]))
        }
        // The first may hold them by the least that one takes, and turns out not to; the second may not.
        for capacity in [190 << 10, 128 << 10] {
            let memory = RecordCache(capacityInBytes: capacity, shards: 4)
            let source = LedgerRecordSource(ledger: fixture.store, rules: try ContractFixture.rules())
            try await source.fill(memory)
            #expect(memory.isKnown && !memory.isComplete, "\(memory.count) of \(keys.count), \(memory.byteCount) bytes")
            #expect(memory.byteCount <= capacity)
            for key in keys {
                if case .absent = memory.lookup(key.digest) { Issue.record("a key that exists is absent") }
            }
            let unknown = try (0..<200).map { try fixture.key("unknown \($0)").digest }
            let absent = unknown.filter { if case .absent = memory.lookup($0) { true } else { false } }
            #expect(absent.count > 180)
            let later = try fixture.key("later \(capacity)")
            try await fixture.write(.insertKey(later))
            memory.apply([.key(later.digest)])
            #expect(try await memory.load([later.digest], from: source)?.id == later.id)
        }
    }

    @Test(arguments: Backend.all)
    func `digests are read in pages, in their order, each once`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let keys = try (0..<23).map { try fixture.key("key \($0)") }
        for key in keys { try await fixture.write(.insertKey(key)) }
        var read: [StoredDigest] = []
        while true {
            let last = read.last
            let page = try await fixture.store.read { try $0.digests(after: last, limit: 10) }
            read += page
            if page.count < 10 { break }
        }
        #expect(read.map(\.bytes) == keys.map(\.digest.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }
}
