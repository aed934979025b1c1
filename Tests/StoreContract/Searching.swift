import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerStore

@Suite struct `Searching keys` {
    private static func names(_ fixture: ContractFixture, _ change: (inout KeySearch) -> Void) async throws -> [String]
    {
        var search = KeySearch()
        change(&search)
        let wanted = search
        let organization = fixture.organization.id
        return try await fixture.store.read { records in
            try records.find(wanted, in: organization, now: ContractFixture.start)
                .map { try records.key($0, of: organization)?.name ?? "" }
        }
    }

    @Test(arguments: Backend.all)
    func `a part of a name is found, and nothing in it is a wildcard`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        for name in ["Alpha", "alphabet", "100%", "a_b", "a!b", "aXb"] {
            try await fixture.write(.insertKey(try fixture.key(name)))
        }
        #expect(try await Set(Self.names(fixture) { $0.text = "ALPHA" }) == ["Alpha", "alphabet"])
        #expect(try await Self.names(fixture) { $0.text = "%" } == ["100%"])
        #expect(try await Self.names(fixture) { $0.text = "a_b" } == ["a_b"])
        #expect(try await Self.names(fixture) { $0.text = "!" } == ["a!b"])
        #expect(try await Self.names(fixture) { $0.text = "'; --" } == [])
    }

    @Test(arguments: Backend.all)
    func `keys come in the order that is asked for, page by page, by their status`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        for (name, days) in [("b", 3), ("A", nil), ("c", 1)] as [(String, Int64?)] {
            var key = try fixture.key(name)
            key.expiresAt = days.map { ContractFixture.start.adding(seconds: $0 * 86_400) }
            try await fixture.write(.insertKey(key))
        }
        var ended = try fixture.key("gone")
        ended.revocation = APIKey.Revocation(at: ContractFixture.start, by: "user:x", reason: nil)
        try await fixture.write(.insertKey(ended))
        #expect(try await Self.names(fixture) { $0.order = .name } == ["A", "b", "c"])
        #expect(try await Self.names(fixture) { $0.order = .expiry } == ["c", "b", "A"])
        #expect(try await Self.names(fixture) { ($0.order, $0.offset, $0.limit) = (.name, 1, 1) } == ["b"])
        #expect(try await Self.names(fixture) { $0.status = .revoked } == ["gone"])
        #expect(try await Self.names(fixture) { $0.status = .all }.count == 4)
        #expect(try await Self.names(fixture) { $0.createdBy = "usr_nobody" } == [])
    }

    @Test(arguments: Backend.all)
    func `the review finds each reason, and nothing of a key that has ended`(_ backend: Backend) async throws {
        let fixture = try await ContractFixture(backend)
        let organization = fixture.organization.id
        func found(_ reason: ReviewReason) async throws -> [KeyID] {
            try await fixture.store.read {
                try $0.keys(with: reason, in: organization, now: ContractFixture.start, limit: 10)
            }
        }
        var everything = try fixture.key("everything")
        everything.permissions = ["project:read", "*:*"].compactMap { Permission($0) }
        var nothing = try fixture.key("nothing")
        nothing.permissions = []
        var expiring = try fixture.key("expiring")
        expiring.expiresAt = ContractFixture.start.adding(seconds: 13 * 86_400)
        var ended = try fixture.key("ended")
        ended.permissions = []
        ended.revocation = APIKey.Revocation(at: ContractFixture.start, by: "user:x", reason: nil)
        for key in [everything, nothing, expiring, ended] { try await fixture.write(.insertKey(key)) }
        #expect(try await found(.allowedEverything) == [everything.id])
        #expect(try await found(.allowedNothing) == [nothing.id])
        #expect(try await found(.expiring) == [expiring.id])
        #expect(try await found(.unused) == [])
        #expect(try await Set(found(.neverUsed)) == [everything.id, nothing.id, expiring.id])
    }

    @Test(arguments: Backend.all)
    func `a device's login is kept, found by either code, approved once and forgotten`(
        _ backend: Backend
    ) async throws {
        let fixture = try await ContractFixture(backend)
        let (device, code) = (KeyDigest(ofText: Array("device".utf8)), KeyDigest(ofText: Array("code".utf8)))
        let client = try #require(DeviceClient.allCases.first)
        var login = DeviceLogin(
            deviceCodeDigest: device, userCodeDigest: code, client: client, address: IPAddress("192.0.2.7"),
            createdAt: ContractFixture.start, expiresAt: ContractFixture.start.adding(seconds: 600))
        let pending = login
        try await fixture.write(.insertDeviceLogin(pending))
        #expect(try await fixture.store.read { try $0.deviceLogin(withDeviceCode: device) } == pending)
        #expect(try await fixture.store.read { try $0.deviceLogin(withUserCode: code) } == pending)
        let origin = pending.origin
        #expect(
            try await fixture.store.read { try $0.pendingDeviceLogins(from: origin, now: ContractFixture.start) } == 1)
        login.state = .approved(
            DeviceLogin.Approval(user: fixture.user.id, organization: fixture.organization.id, viaOperator: nil))
        let approved = login
        try await fixture.write(.updateDeviceLogin(approved))
        #expect(try await fixture.store.read { try $0.deviceLogin(withDeviceCode: device) } == approved)
        try await fixture.write(.removeDeviceLogin(device))
        #expect(try await fixture.store.read { try $0.deviceLogin(withUserCode: code) } == nil)
    }
}
