import KeybearerVerification
import Testing

@testable import KeybearerAdministration
@testable import KeybearerStore

/// Each decided by two processes at once, as two nodes would.
@Suite struct `Two processes at once` {
    @Test(arguments: Backend.all)
    func `A25 of many creations at the quota's edge exactly as many succeed as there is room for`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, _) = try await fixture.openAnother()
        let organization = fixture.organization.id
        let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                let key = try fixture.key("key \(number)")
                let store = number.isMultiple(of: 2) ? fixture.store : other
                group.addTask {
                    try await store.commit { records in
                        let isRoom = try records.quotaUse(of: organization, now: ContractFixture.start) < 5
                        return Prepared(isRoom ? [.insertKey(key)] : [], isRoom)
                    }.value
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(accepted == 5)
        #expect(try await fixture.store.read { try $0.quotaUse(of: organization, now: ContractFixture.start) } == 5)
    }

    @Test(arguments: Backend.all)
    func `of two owners who leave at the same moment one stays`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, _) = try await fixture.openAnother()
        guard let owner = RoleName("owner"), let email = EmailAddress("ruth@tern.example") else {
            throw ContractFixture.BadFixture()
        }
        var random = SystemRandomNumberGenerator()
        let second = User(
            id: UserID(at: ContractFixture.start, using: &random), email: email, name: "Ruth", passwordHash: nil,
            isVerified: true, createdAt: ContractFixture.start)
        try await fixture.write(.insertUser(second))
        let organization = fixture.organization.id
        for _ in 0..<20 {
            for user in [fixture.user.id, second.id] {
                try await fixture.write(
                    .putMember(
                        Member(
                            organization: organization, user: user, role: owner, grants: [],
                            joinedAt: ContractFixture.start)))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (store, user) in [(fixture.store, fixture.user.id), (other, second.id)] {
                    group.addTask {
                        _ = try await store.commit { records in
                            let mayLeave = try records.ownerCount(of: organization) > 1
                            return Prepared(mayLeave ? [.removeMember(user, of: organization)] : [], ())
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.store.read { try $0.ownerCount(of: organization) } == 1)
        }
    }

    @Test(arguments: Backend.all)
    func `events that are appended at the same moment are links of one chain`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, _) = try await fixture.openAnother()
        let chain = AuditChain.organization(fixture.organization.id)
        let trail = AuditTrail(secret: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let store = number.isMultiple(of: 2) ? fixture.store : other
                group.addTask {
                    _ = try await store.commit { records in
                        var random = SystemRandomNumberGenerator()
                        let entry = AuditEntry(
                            chain: chain, at: ContractFixture.start, actor: "user:x", via: nil, address: nil,
                            action: "test", target: "\(number)", outcome: "ok", count: 1, details: [:])
                        let event = trail.event(
                            entry, after: try records.auditHead(of: chain),
                            id: EventID(at: ContractFixture.start, using: &random))
                        return Prepared([.appendAudit(event)], ())
                    }
                }
            }
            try await group.waitForAll()
        }
        guard case .intact(let events) = try await trail.verify(fixture.store, against: [], progress: { _ in }) else {
            return #expect(Bool(false), "the chain is broken")
        }
        #expect(events == 40)
    }

    @Test(arguments: Backend.all)
    func `what works once is used by one of them`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, _) = try await fixture.openAnother()
        for round in 0..<20 {
            let digest = KeyDigest(ofText: Array("link \(round)".utf8))
            let link = SignInLink(
                tokenDigest: digest, user: fixture.user.id, organization: fixture.organization.id, viaOperator: "t",
                expiresAt: ContractFixture.start.adding(seconds: 60), usedAt: nil)
            try await fixture.write(.insertSignInLink(link))
            let uses = try await withThrowingTaskGroup(of: Bool.self) { group in
                for store in [fixture.store, other] {
                    group.addTask {
                        try await store.commit { records in
                            let isFree = try records.signInLink(withToken: digest)?.usedAt == nil
                            return Prepared(
                                isFree ? [.useSignInLink(digest, at: ContractFixture.start)] : [], isFree)
                        }.value
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(uses == 1)
        }
    }

    @Test(arguments: Backend.all)
    func `revisions have no gap, and a reader that follows them misses none`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let (other, reading) = try await fixture.openAnother()
        let first = try await reading.read { try $0.lastRevision() }
        let written = 200
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                let store = writer.isMultiple(of: 2) ? fixture.store : other
                let keys = try (0..<written / 4).map { try fixture.key("\(writer)-\($0)") }
                group.addTask {
                    for key in keys { _ = try await store.commit { _ in Prepared([.insertKey(key)], ()) } }
                }
            }
            group.addTask {
                var (seen, effects): (Int64, Set<CacheEffect>) = (first, [])
                while seen < first + Int64(written) {
                    let known = seen
                    let (more, revision) = try await reading.read { try $0.effects(after: known) }
                    effects.formUnion(more)
                    seen = revision
                }
                #expect(effects.count == written)
                #expect(!effects.contains(.everything))
            }
            try await group.waitForAll()
        }
    }
}
