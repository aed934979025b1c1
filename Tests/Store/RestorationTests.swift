import Foundation
import KeybearerAdministration
import KeybearerVerification
import Testing

@testable import KeybearerStore

@Suite struct `Restoration of a backup` {
    @Test func `A37 what was ended since the backup stays ended: keys, organizations, accounts, operator tokens`()
        async throws
    {
        let fixture = try await StoreFixture()
        var key = try fixture.key()
        let kept = try fixture.key("kept")
        var random = SystemRandomNumberGenerator()
        let digest = KeyDigest(ofText: Array("an operator's token".utf8))
        let token = OperatorToken(
            id: OperatorTokenID(at: StoreFixture.start, using: &random), name: "deploy", tokenDigest: digest,
            isReadOnly: false, allowedIPs: [], createdAt: StoreFixture.start, expiresAt: nil)
        try await fixture.write(.insertKey(key), .insertKey(kept), .insertOperatorToken(token))
        let backup = fixture.folder.appendingPathComponent("old.sqlite").path
        try fixture.database.backup(to: backup) { _, _ in }

        key.revocation = APIKey.Revocation(at: StoreFixture.start, by: "user:usr_x", reason: nil)
        var user = fixture.user
        user.isDisabled = true
        var organization = fixture.organization
        organization.deletedAt = StoreFixture.start
        try await fixture.write(
            .updateKey(key), .updateUser(user), .updateOrganization(organization),
            .revokeOperatorToken(token.id, at: StoreFixture.start))

        let path = fixture.folder.appendingPathComponent("restored/k.sqlite").path
        let carried = try Restoration(path: path, backup: backup).run(
            revocations: fixture.path, acceptResurrection: false, progress: { _, _ in })
        #expect(carried == 1)
        let memory = RecordCache(capacityInBytes: 1 << 20)
        let restored = try await StoreFixture.store(on: SQLiteDatabase(path: path, mode: .server), memory)
        let (keys, account, tenant, credential) = try await restored.read { [user, organization, key, kept] records in
            (
                try [key, kept].map { try records.key($0.id, of: organization.id)?.revocation != nil },
                try records.user(.id(user.id)), try records.organization(.id(organization.id)),
                try records.operatorToken(withToken: digest)
            )
        }
        #expect(keys == [true, false])
        #expect(account?.isDisabled == true)
        #expect(tenant == nil)
        #expect(credential?.revokedAt != nil)
        #expect(restored.revision > fixture.store.revision)
    }
}
