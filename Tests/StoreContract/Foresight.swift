import Foundation
import KeybearerVerification
import Synchronization
import Testing

@testable import KeybearerAdministration
@testable import KeybearerStore

@Suite struct `Questions that were said beforehand` {
    @Test(arguments: Backend.all)
    func `are answered as they would be without`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (organization, user) = (fixture.organization, fixture.user)
        let key = try fixture.key("labelled", labels: [APIKey.Label(key: "team", value: "sea")])
        let none = try fixture.key("never written").id
        guard let owner = RoleName("owner"), let guest = RoleName("guest"), let all = Permission("*:*") else {
            throw ContractFixture.BadFixture()
        }
        let member = Member(
            organization: organization.id, user: user.id, role: owner, grants: [all], joinedAt: ContractFixture.start)
        try await fixture.write(.insertKey(key), .putMember(member))
        let questions: [Question] = [
            .organization(.slug(organization.slug)), .organization(.id(organization.id)), .organizations(of: user.id),
            .user(.email(user.email)), .user(.id(user.id)), .member(user.id, of: organization.id),
            .role(guest, of: organization.id), .key(key.id, of: organization.id), .key(none, of: organization.id),
            .quotaUse(of: organization.id, at: ContractFixture.start), .auditHead(of: .organization(organization.id)),
            .session(KeyDigest(ofText: [1])), .operatorToken(KeyDigest(ofText: [2])),
            .idempotencyRecord(KeyDigest(ofText: [3])), .memberNamed(user.email, of: .id(organization.id)),
            .memberNamed(user.email, of: .slug(organization.slug)),
        ]
        @Sendable func mustBeRight(_ records: any Records) throws {
            #expect(try records.organization(.slug(organization.slug)) == organization)
            #expect(try records.organization(.id(organization.id)) == organization)
            #expect(try records.organizations(of: user.id) == [organization])
            #expect(try records.user(.email(user.email)) == user)
            #expect(try records.user(.id(user.id)) == user)
            #expect(try records.member(user.id, of: organization.id) == member)
            #expect(try records.role(guest, of: organization.id) == nil)
            #expect(try records.key(key.id, of: organization.id) == key)
            #expect(try records.key(none, of: organization.id) == nil)
            #expect(try records.quotaUse(of: organization.id, now: ContractFixture.start) == 1)
            #expect(try records.auditHead(of: .organization(organization.id)) == nil)
            #expect(try records.session(withToken: KeyDigest(ofText: [1])) == nil)
            #expect(try records.operatorToken(withToken: KeyDigest(ofText: [2])) == nil)
            #expect(try records.idempotencyRecord(KeyDigest(ofText: [3])) == nil)
        }
        try await fixture.store.read { records in
            try records.expect(questions)
            try mustBeRight(records)
            try mustBeRight(records)
        }
        _ = try await fixture.store.commit { records in
            try records.expect(questions)
            try mustBeRight(records)
            // Half of them again, and one that nobody asks for.
            try records.expect(Array(questions.prefix(7)) + [.user(.email(user.email))])
            try mustBeRight(records)
            return Prepared([], ())
        }
    }

    @Test(arguments: Backend.all)
    func `are asked anew once the transaction has written`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let id = fixture.organization.id
        let names = try await fixture.database.write { connection in
            let records = SQLRecords(connection: connection)
            var names: [String?] = []
            func rename(_ name: String) throws {
                try connection.run("UPDATE organization SET name = $2 WHERE id = $1", [.text(id), .text(name)])
            }
            try records.expect([.organization(.id(id))])
            try rename("Arctic Tern")
            names.append(try records.organization(.id(id))?.name)
            try records.expect([.organization(.id(id))])
            names.append(try records.organization(.id(id))?.name)
            try rename("Little Tern")
            names.append(try records.organization(.id(id))?.name)
            return names
        }
        #expect(names == ["Arctic Tern", "Arctic Tern", "Little Tern"])
    }

    /// Were one of them answered before the lock is held, both would count from the same number.
    @Test(arguments: Backend.all)
    func `are answered once others are excluded`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, _) = try await fixture.openAnother()
        let id = fixture.organization.id
        var start = fixture.organization
        start.name = "0"
        try await fixture.write(.updateOrganization(start))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [fixture.store, other] {
                group.addTask {
                    for _ in 0..<40 {
                        _ = try await store.commit { records in
                            try records.expect([.user(.id(fixture.user.id)), .organization(.id(id))])
                            guard var read = try records.organization(.id(id)), let count = Int(read.name) else {
                                throw ContractFixture.BadFixture()
                            }
                            read.name = String(count + 1)
                            return Prepared([.updateOrganization(read)], ())
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.read { try $0.organization(.id(id)) }?.name == "80")
    }

    /// On a connection of which nothing is asked any more: what is found was there.
    @Test(arguments: Backend.postgreSQL)
    func `bring the member and the user whose address alone was known`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (organization, user) = (fixture.organization, fixture.user)
        guard let owner = RoleName("owner") else { throw ContractFixture.BadFixture() }
        let member = Member(
            organization: organization.id, user: user.id, role: owner, grants: [], joinedAt: ContractFixture.start)
        try await fixture.write(.putMember(member))
        for reference in [OrganizationReference.id(organization.id), .slug(organization.slug)] {
            let exchanges = try await fixture.database.read { connection in
                let records = SQLRecords(connection: connection)
                try records.expect([.user(.email(user.email)), .memberNamed(user.email, of: reference)])
                #expect(try records.user(.email(user.email)) == user)
                let before = (connection as? PostgreSQLConnection)?.exchanges
                #expect(try records.user(.id(user.id)) == user)
                #expect(try records.member(user.id, of: organization.id) == member)
                return [before, (connection as? PostgreSQLConnection)?.exchanges]
            }
            #expect(exchanges == [1, 1])
        }
    }

    @Test(arguments: Backend.all)
    func `bring the labels of all keys of a page, each to its key`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let organization = fixture.organization.id
        var written: [APIKey] = []
        for number in 0..<20 {
            let labels = (0..<number % 3).map { APIKey.Label(key: "l\($0)", value: "v\(number)") }
            written.append(try fixture.key("k\(number)", labels: labels))
        }
        let keys = written
        _ = try await fixture.store.commit { _ in Prepared(keys.map { .insertKey($0) }, ()) }
        let messages = try await fixture.database.read { connection in
            let records = SQLRecords(connection: connection)
            var exchanges: [Int?] = []
            for ids in [nil, keys.map(\.id)] {
                let query = KeyQuery(organization: organization, ids: ids)
                let found = try records.keys(query, Page(limit: 50), now: ContractFixture.start)
                #expect(Set(found) == Set(keys))
                exchanges.append((connection as? PostgreSQLConnection)?.exchanges)
            }
            let every = try records.everyKey(Page(limit: 50))
            #expect(Set(every) == Set(keys))
            exchanges.append((connection as? PostgreSQLConnection)?.exchanges)
            return exchanges.compactMap { $0 }
        }
        // A page and its labels; the keys by their names, whose labels are there already; a page.
        #expect(messages == (fixture.database is PostgreSQLDatabase ? [2, 3, 4] : []))
    }

    /// The answer to one that was said early must not stand for what is asked under a later lock.
    @Test(arguments: Backend.postgreSQL)
    func `are asked anew once more is excluded`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (_, other) = try await fixture.openAnother()
        let id = fixture.organization.id
        let question = SQLQuestion("SELECT name FROM organization WHERE id = $1", [.text(id)])
        let hasRead = Mutex(false)
        let isRenamed = DispatchSemaphore(value: 0)
        async let name = fixture.database.write { connection in
            try connection.expect([question], under: [])
            let before = try connection.row(question.sql, question.arguments)?.text(0)
            hasRead.withLock { $0 = true }
            isRenamed.wait()
            try connection.exclude(.organization(id))
            return [before, try connection.row(question.sql, question.arguments)?.text(0)]
        }
        while !hasRead.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        try await other.write { try $0.run("UPDATE organization SET name = 'Roseate' WHERE id = $1", [.text(id)]) }
        isRenamed.signal()
        #expect(try await name == ["Tern", "Roseate"])
    }
}
