import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    /// The verification plane's answer for programs that cannot reach it; a presented key only.
    func verifyKey(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        try verificationSecret?.mustBeShown(in: call.fields)
        let body = try call.json(as: VerifyBody.self)
        let question = try VerificationQuestion(body, administration.rules.catalogue)
        let decision = await administration.verifier.verify(
            question.credential, question.request, minimumRevision: body.minRevision, strict: question.isStrict)
        guard decision.verdict != .unavailable else {
            throw Refusal(
                503, "unavailable", "No safe decision can be made at the moment: treat this as a denial.",
                extensions: ["valid": false])
        }
        return .resource(VerifyAnswer(decision, requestID: call.requestID))
    }
}

/// A body of `POST /v1/verify`, parsed.
struct VerificationQuestion: Sendable {
    let credential: PresentedCredential
    let request: AccessRequest
    let isStrict: Bool

    /// - Throws: 422 with the code of the first field at fault.
    init(_ body: VerifyBody, _ catalogue: PermissionCatalogue) throws(Refusal) {
        if body.keySHA256 != nil {
            throw Self.fault("/key_sha256", "unknown_field", "Only a presented key is verified here.")
        }
        guard let key = body.key else { throw Self.fault("/key", "required", "This field is required.") }
        credential = key.isEmpty ? .missing : .text(Array(key.utf8))
        var permission: Permission?
        if let text = body.permission {
            permission = Permission(text)
            guard let permission, catalogue.isRequestable(permission) else {
                throw Self.fault("/permission", "unknown_permission", "Not a single permission of the catalogue.")
            }
        }
        var address: IPAddress?
        if let text = body.ip {
            address = IPAddress(text)
            guard address != nil else {
                throw Self.fault("/ip", "invalid_ip", "Write a literal IPv4 or IPv6 address.")
            }
        }
        guard let cost = Int(exactly: body.cost ?? 1), AccessRequest.allowedCosts.contains(cost) else {
            throw Self.fault("/cost", "invalid_cost", "A cost is a number from 0 to 1000.")
        }
        guard body.consistency == nil || body.consistency == "strict" else {
            throw Self.fault(
                "/consistency", "invalid_consistency", "The only consistency that can be asked for is strict.")
        }
        if let revision = body.minRevision, revision < 0 {
            throw Self.fault("/min_revision", "invalid_revision", "A revision is not negative.")
        }
        request = AccessRequest(permission: permission, address: address, cost: cost)
        isStrict = body.consistency == "strict"
    }

    private static func fault(_ pointer: String, _ code: String, _ detail: String) -> Refusal {
        Refusal(422, code, detail, errors: [FieldError(pointer: pointer, code: code, detail: detail)])
    }
}

extension VerifyAnswer {
    init(_ decision: Decision, requestID: String) {
        self.init(
            code: decision.verdict.rawValue, requestID: requestID, revision: decision.revision,
            apiKey: decision.record.map { Key($0) },
            organization: decision.record.map { record in
                Organization(
                    id: record.organization.id.description, slug: record.organization.slug,
                    plan: record.organization.planName)
            },
            rateLimit: decision.rateLimit.map { state in
                RateLimit(
                    policy: state.policyName, limit: state.limit, windowSeconds: state.windowSeconds,
                    remaining: state.remaining, resetSeconds: state.resetSeconds)
            })
    }
}

extension VerifyAnswer.Key {
    init(_ record: KeyRecord) {
        self.init(
            id: record.id.description, name: record.name, preview: record.preview,
            permissions: record.grantedTexts, labels: record.labels.map { LabelField(key: $0.key, value: $0.value) },
            expiresAt: record.expiresAt?.description, createdBy: CreatorResource(record.createdBy))
    }
}
