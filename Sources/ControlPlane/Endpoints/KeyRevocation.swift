import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func revokeKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try call.id("id")
        let body: RevokeKeyBody
        do {
            body = try call.json(as: RevokeKeyBody.self)
        } catch {
            // That there is no such key comes before what is wrong with the body, and is not asked otherwise.
            _ = try await administration.key(id, permit)
            throw error
        }
        let revoked = try await administration.revokeKey(id, reason: body.reason, cascade: body.cascade, permit)
        let revocation = RevocationResource(revoked.barrier)
        return .resource(
            RevokedKeyResource(apiKey: APIKeyResource(revoked.key, now: call.now), revocation: revocation),
            status: revocation.status)
    }

    func revokeKeys(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let body = try call.json(as: BulkRevokeBody.self)
        let filter = BulkFilter(
            ids: body.ids, createdBy: body.createdBy, label: body.label, unusedSince: body.unusedSince)
        let revoked = try await administration.revokeKeys(filter, reason: nil, dryRun: body.dryRun, permit)
        return .bulk(revoked, isDryRun: body.dryRun, call)
    }

    func operatorRevokeKeys(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let body = try call.json(as: OperatorRevokeBody.self)
        let revoked = try await administration.operatorRevokeKeys(
            ids: body.ids, digest: body.keySHA256, reason: nil, permit)
        return .bulk(revoked, isDryRun: false, call)
    }
}

extension Reply {
    fileprivate static func bulk(_ revoked: BulkRevocation, isDryRun: Bool, _ call: Call) -> Reply {
        let revocation = revoked.barrier.map { RevocationResource($0) }
        return .resource(
            BulkRevocationResource(
                apiKeys: revoked.keys.map { APIKeyResource($0, now: call.now) }, revocation: revocation,
                isDryRun: isDryRun),
            status: revocation?.status ?? 200)
    }
}

extension RevocationResource {
    init(_ barrier: Barrier) {
        self.init(
            revision: barrier.revision, acknowledgedBy: barrier.acknowledgedBy, unreachable: barrier.unreachable,
            completedBy: barrier.completedBy?.rawValue)
    }

    /// 202 says that some node may still accept a key for a moment.
    fileprivate var status: Int { isComplete ? 200 : 202 }
}
