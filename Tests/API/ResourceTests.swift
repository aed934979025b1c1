import Testing

@testable import KeybearerAPI

/// What the answers' types write, held against what the OpenAPI document says of them.
@Suite struct ResourceTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let schema: String
        let resource: any Resource

        var testDescription: String { schema }
    }

    static let creator = CreatorResource(type: "user", id: "usr_1", name: "Ana")
    static let user = UserResource(id: "usr_1", email: "ana@acme.example", name: "Ana")
    static let organization = OrganizationSummary(id: "org_1", slug: "acme", name: "Acme")
    static let key = APIKeyResource(
        id: "key_1", name: "CI", preview: "sk_a1b2c3…9f0e", status: "active", permissions: ["project:deploy"],
        allowedIPs: [], createdBy: creator, createdAt: "t", expiresAt: nil, lastUsedAt: nil, lastUsedIP: nil,
        revokedAt: nil, revokedBy: nil, revokeReason: nil, rotatedFrom: nil, successor: nil,
        labels: [LabelField(key: "team", value: "platform")])
    static let revocation = RevocationResource(
        revision: 812, acknowledgedBy: ["node-a"], unreachable: [], completedBy: "acknowledgement")
    static let invitation = InvitationResource(
        id: "inv_1", email: "ben@acme.example", role: "member", invitedBy: "user:usr_1", createdAt: "t", expiresAt: "t")
    static let answer = VerifyAnswer(
        code: "valid", requestID: "req_1", revision: 812,
        apiKey: .init(
            id: "key_1", name: "CI", preview: "sk_a1b2c3…9f0e", permissions: [], labels: [], expiresAt: nil,
            createdBy: creator),
        organization: .init(id: "org_1", slug: "acme", plan: "free"),
        rateLimit: .init(policy: "default", limit: 60, windowSeconds: 60, remaining: 59, resetSeconds: 42))

    static let samples = [
        Sample(schema: "APIKey", resource: key),
        Sample(schema: "CreatedAPIKey", resource: CreatedKeyResource(keyText: nil, apiKey: key)),
        Sample(schema: "Creator", resource: creator),
        Sample(schema: "Revocation", resource: revocation),
        Sample(schema: "RevokedAPIKey", resource: RevokedKeyResource(apiKey: key, revocation: revocation)),
        Sample(
            schema: "BulkRevocation",
            resource: BulkRevocationResource(apiKeys: [key], revocation: revocation, isDryRun: false)),
        Sample(
            schema: "Usage",
            resource: UsageResource(
                from: "t", to: "t", granularity: "hour", totals: [("valid", 3)],
                buckets: [.init(start: "t", counts: [("valid", 3)])], lastUsedAt: "t", lastUsedIP: "::1",
                permissions: [.init(permission: "project:deploy", lastUsedAt: nil)],
                denials: [.init(at: "t", code: "ip_not_allowed", ip: nil, permission: nil)])),
        Sample(
            schema: "Explanation",
            resource: ExplanationResource(
                code: "expired",
                checks: [.init(name: "expiry", passed: false, code: "expired", detail: "x", decides: true)])),
        Sample(
            schema: "Organization",
            resource: OrganizationResource(
                id: "org_1", name: "Acme", slug: "acme", plan: "free", quota: QuotaResource(activeKeys: 0, limit: nil),
                features: ["tenant_api_keys"], isSuspended: false, createdAt: "t")),
        Sample(schema: "OrganizationSummary", resource: organization),
        Sample(schema: "Quota", resource: QuotaResource(activeKeys: 1, limit: 1)),
        Sample(schema: "QuotaExceeded", resource: QuotaResource(activeKeys: 1, limit: 1, plan: "free")),
        Sample(
            schema: "Plan",
            resource: PlanResource(
                name: "free", activeKeys: 1, features: [], rateLimit: (requests: 60, windowSeconds: 60))),
        Sample(
            schema: "Node",
            resource: NodeResource(name: "node-a", status: "live", acknowledgedRevision: 812, lastSeenAt: "t")),
        Sample(schema: "User", resource: user),
        Sample(
            schema: "Account",
            resource: AccountResource(user: user, isVerified: true, isDisabled: false, createdAt: "t")),
        Sample(
            schema: "Member",
            resource: MemberResource(user: user, role: "owner", grants: [], permissions: ["*:*"], joinedAt: "t")),
        Sample(schema: "RemovedMember", resource: RemovedMemberResource(apiKeys: [key])),
        Sample(schema: "Role", resource: RoleResource(name: "owner", permissions: ["*:*"], isBuiltIn: true)),
        Sample(
            schema: "Permissions",
            resource: PermissionsResource(resources: [(name: "project", actions: ["read"])], permissions: [])),
        Sample(schema: "Invitation", resource: invitation),
        Sample(schema: "CreatedInvitation", resource: CreatedInvitationResource(url: nil, invitation: invitation)),
        Sample(
            schema: "AcceptedInvitation",
            resource: AcceptedInvitationResource(user: user, organization: organization, role: "member")),
        Sample(
            schema: "Session",
            resource: SessionResource(
                id: "ses_1", kind: "token", isCurrent: true, createdAt: "t", lastSeenAt: "t", expiresAt: "t", ip: nil,
                organization: nil, via: nil)),
        Sample(schema: "SignedIn", resource: SignedInResource(token: "kbs_x", expiresAt: "t", user: user)),
        Sample(schema: "SignInLink", resource: SignInLinkResource(url: "https://x.example", expiresAt: "t")),
        Sample(
            schema: "Caller",
            resource: CallerResource(
                kind: "user", id: "usr_1", name: "Ana", email: nil, role: nil, organization: organization,
                permissions: [])),
        Sample(
            schema: "AuditEvent",
            resource: AuditEventResource(
                id: "evt_1", position: 1, at: "t", actor: "user:usr_1", via: nil, ip: nil, action: "api_key.create",
                target: nil, outcome: "ok", count: 1, details: [:], previousHash: "0", hash: "1")),
        Sample(schema: "VerifyAnswer", resource: answer),
    ]

    @Test(arguments: samples)
    func `an answer has the documented members, types and order`(sample: Sample) throws {
        try conform(sample.resource.json, to: try ServedDocument.schema(sample.schema), at: "")
    }

    /// As much of JSON Schema as the document uses for structure.
    private func conform(_ json: JSON, to schema: JSON, at place: String) throws {
        if let reference = schema["$ref"]?.text {
            let target = ServedDocument.resolve(reference, in: try ServedDocument.parsed())
            return try conform(json, to: try #require(target), at: place)
        }
        if let choices = schema["oneOf"]?.elements {
            guard json != .null, let choice = choices.first else { return }
            return try conform(json, to: choice, at: place)
        }
        let types = schema["type"]?.elements?.compactMap(\.text) ?? [schema["type"]?.text].compactMap { $0 }
        #expect(types.contains(type(of: json)), "\(place) is \(type(of: json)), documented as \(types)")
        if let allowed = schema["enum"]?.elements { #expect(allowed.contains(json), "\(place)") }
        for (index, element) in (json.elements ?? []).enumerated() {
            try conform(element, to: try #require(schema["items"]), at: "\(place)/\(index)")
        }
        guard let object = json.objectValue, let properties = schema["properties"]?.objectValue else { return }
        #expect(object.keys == properties.keys.filter { object[$0] != nil }, "\(place)")
        for name in schema["required"]?.elements?.compactMap(\.text) ?? [] {
            #expect(object[name] != nil, "\(place)/\(name)")
        }
        for (name, value) in object.members {
            try conform(value, to: properties[name] ?? .null, at: "\(place)/\(name)")
        }
    }

    private func type(of json: JSON) -> String {
        switch json {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    @Test func `a page without a next one says so`() {
        let page = Page(data: [Self.user], nextCursor: nil)
        #expect(page.json["next_cursor"] == .null)
        #expect(page.json["data"]?.elements?.count == 1)
    }

    @Test func `a key that is not known leaves its members out of the verdict`() {
        let answer = VerifyAnswer(
            code: "not_found", requestID: "req_1", revision: 1, apiKey: nil, organization: nil, rateLimit: nil)
        #expect(
            answer.json.serializedText == #"{"valid":false,"code":"not_found","request_id":"req_1","revision":1}"#)
    }

    @Test func `Z4 the created key's answer is the only one with its text, and a replay has null`() {
        let created = CreatedKeyResource(keyText: "sk_once", apiKey: Self.key)
        #expect(created.json.serializedText.hasPrefix(#"{"key":"sk_once","api_key":{"id":"key_1","#))
        #expect(CreatedKeyResource(keyText: nil, apiKey: Self.key).json["key"] == .null)
    }
}
