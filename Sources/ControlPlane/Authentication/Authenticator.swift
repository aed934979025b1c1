import KeybearerAdministration
import KeybearerVerification

/// Finds out who makes a call, from its header fields alone.
struct Authenticator: Sendable {
    let administration: Administration

    /// Who asks, with the credential that says so.
    struct Identity: Sendable {
        let caller: Caller
        let token: [UInt8]?
        /// What the policy said of the call's operation meanwhile; nil where it was not asked.
        var early: EarlyAnswer?

        /// The record of the key that was presented; nil for every other credential.
        var key: KeyRecord? {
            guard case .apiKey(let record) = caller.principal else { return nil }
            return record
        }
    }

    /// - Parameter operation: what the call is about to ask a permit for, within an organization.
    /// - Throws: `Refusal` for a key that verification refuses and for headers that contradict each other; `Failure`
    ///   as `Administration.authenticate` does.
    func identify(_ call: Call, for operation: Operation? = nil) async throws -> Identity {
        let token = try Credential.find(in: call.fields)
        let organization = try named(call, "keybearer-organization") { OrganizationReference($0) }
        let member = try named(call, "keybearer-on-behalf-of") { EmailAddress($0) }
        // Whoever names nobody is refused below, whatever the policy says of the rest.
        let asked = organization == .nobody || member == .nobody ? nil : operation
        let (authentication, early) = try await administration.authenticate(
            token, organization: organization.value, onBehalfOf: member.value, address: call.address, for: asked)
        let identity: Identity
        switch authentication {
        case .refusedKey(let decision):
            var refusal = Refusal(decision)
            refusal.rateLimit = decision.record.map { administration.verifier.limits(of: $0) }
            throw refusal
        case .caller(let caller): identity = Identity(caller: caller, token: token, early: early)
        }
        if member == .nobody { try refuseUnknownMember(identity.caller) }
        if organization == .nobody { try refuseUnknownOrganization(identity.caller) }
        return identity
    }

    /// What a header names. A text that can name nothing must not count as a header that was not sent, since the
    /// call would then be made as somebody else than was meant (row A42).
    private enum Named<Value: Sendable & Equatable>: Equatable {
        case absent
        case nobody
        case somebody(Value)

        var value: Value? {
            guard case .somebody(let value) = self else { return nil }
            return value
        }
    }

    private func named<Value>(
        _ call: Call, _ name: String, _ parse: (String) -> Value?
    ) throws(Refusal) -> Named<Value> {
        guard let text = try call.fields.single(name) else { return .absent }
        return parse(text).map { .somebody($0) } ?? .nobody
    }

    private func refuseUnknownMember(_ caller: Caller) throws {
        switch caller.principal {
        case .anonymous: return
        case .operator, .onBehalf, .local: throw Failure.notFound
        case .person, .apiKey:
            throw Failure(.operatorRequired, "Only an operator token may act on behalf of a member.")
        }
    }

    private func refuseUnknownOrganization(_ caller: Caller) throws {
        switch caller.principal {
        case .anonymous: return
        case .person, .operator, .onBehalf, .local: throw Failure.notFound
        case .apiKey:
            throw Failure(.wrongOrganization, "This API key belongs to another organization than the one named.")
        }
    }
}
