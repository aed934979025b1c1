import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension APIKeyResource {
    init(_ key: APIKey, now: Timestamp) {
        let status = key.status(at: now)
        // A rotated-out key whose overlap is over was ended by its rotation, at that moment.
        let isRotatedOut = key.revocation == nil && status == .revoked
        self.init(
            id: key.id.description, name: key.name, preview: key.preview, status: status.rawValue,
            permissions: key.permissions.map(\.description), allowedIPs: key.allowedIPs.map(\.description),
            createdBy: CreatorResource(key.createdBy), createdAt: key.createdAt.description,
            expiresAt: key.expiresAt?.description, lastUsedAt: key.lastUse?.at.description,
            lastUsedIP: key.lastUse?.address?.description,
            revokedAt: (key.revocation?.at ?? (isRotatedOut ? key.overlapEndsAt : nil))?.description,
            revokedBy: key.revocation?.by, revokeReason: key.revocation?.reason ?? (isRotatedOut ? "rotated" : nil),
            rotatedFrom: key.rotatedFrom?.description, successor: key.successor?.description,
            labels: key.labels.map { LabelField(key: $0.key, value: $0.value) },
            rateLimit: key.rateLimit.map {
                RateLimitResource(requests: $0.requests, windowSeconds: $0.windowSeconds)
            })
    }
}

extension CreatorResource {
    init(_ creator: Creator) { self.init(type: creator.kind.rawValue, id: creator.id, name: creator.name) }
}
