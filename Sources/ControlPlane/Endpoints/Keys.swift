import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func createKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let body = try call.json(as: CreateKeyBody.self)
        let draft = KeyDraft(
            name: body.name, permissions: body.permissions, allowedIPs: body.allowedIPs, expiresAt: body.expiresAt,
            labels: body.labels.map { ($0.key, $0.value) })
        let answer = try await administration.createKey(draft, permit, remembering: try remembering(call))
        return reply(answer, call)
    }

    func rotateKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try call.id("id")
        _ = try await administration.key(id, permit)
        let body = try call.json(as: RotateKeyBody.self)
        let answer = try await administration.rotateKey(
            id, overlapSeconds: body.overlapSeconds.map { Int($0) }, permit, remembering: try remembering(call))
        return reply(answer, call)
    }

    private func remembering(_ call: Call) throws -> Remembering<APIKey>? {
        let now = call.now
        return try call.remembering { key in
            CreatedKeyResource(keyText: nil, apiKey: APIKeyResource(key, now: now)).json
        }
    }

    private func reply(_ answer: consuming KeyAnswer, _ call: Call) -> Reply {
        switch consume answer {
        case .issued(let issued):
            let key = issued.key
            let resource = APIKeyResource(key, now: call.now)
            return .resource(
                CreatedKeyResource(keyText: issued.reveal(), apiKey: resource), status: 201,
                [("ETag", EntityTag(key).description)])
        case .replayed(let record): return .replay(record)
        }
    }

    func listKeys(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        guard let status = KeyQuery.StatusFilter(rawValue: call.query["status"] ?? "all") else {
            throw Refusal.query("status is active, expired, revoked or all.")
        }
        let keys = try await administration.keys(status, try page.page(of: KeyID.self), permit)
        return page.reply(
            keys, cursor: { $0.id.description }, resource: { APIKeyResource($0, now: call.now) })
    }

    func readKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        reply(try await administration.key(try call.id("id"), permit), call)
    }

    func updateKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try call.id("id")
        _ = try await administration.key(id, permit)
        let body = try call.json(as: UpdateKeyBody.self)
        var patch = KeyPatch(
            name: body.name.value, permissions: body.permissions.value, allowedIPs: body.allowedIPs.value,
            labels: body.labels.value.map { $0.map { ($0.key, $0.value) } }, enabled: body.enabled.value)
        if body.expiresAt.isPresent { patch.expiresAt = .some(body.expiresAt.value) }
        if body.rateLimit.isPresent {
            patch.rateLimit = .some(body.rateLimit.value.map { (Int($0.requests), Int($0.windowSeconds)) })
        }
        let condition = call.precondition
        let key = try await administration.updateKey(id, patch, permit) { condition.holds(for: EntityTag($0)) }
        return reply(key, call)
    }

    private func reply(_ key: APIKey, _ call: Call) -> Reply {
        .resource(APIKeyResource(key, now: call.now), [("ETag", EntityTag(key).description)])
    }
}

extension EntityTag {
    init(_ key: APIKey) {
        let ending = key.revocation?.at ?? key.overlapEndsAt
        self.init(of: [
            "id": .string(key.id.description), "name": .string(key.name),
            "permissions": JSON(key.permissions.map(\.description)),
            "allowed_ips": JSON(key.allowedIPs.map(\.description)), "expires_at": JSON(key.expiresAt?.description),
            "labels": .array(key.labels.map { [.string($0.key), .string($0.value)] }),
            "disabled": .bool(key.isDisabled), "ends_at": JSON(ending?.description),
            "successor": JSON(key.successor?.description),
            "rate_limit": .array((key.rateLimit.map { [$0.requests, $0.windowSeconds] } ?? []).map { JSON($0) }),
        ])
    }
}
