import KeybearerVerification

/// Who a credential turned out to be.
public enum Authentication: Sendable {
    case caller(Caller)
    /// A well-formed request with an API key that verification refuses; the decision says why.
    case refusedKey(Decision)
}

/// What the policy said of an operation in the same moment in which the caller was found.
public struct EarlyAnswer: Sendable {
    let operation: Operation
    let permit: Result<OrganizationPermit, Failure>
}

extension Administration {
    /// Finds the caller behind the one credential of a request.
    ///
    /// - Parameters:
    ///   - token: the credential's bytes; nil where the request carries none.
    ///   - organization: what `Keybearer-Organization` names.
    ///   - member: what `Keybearer-On-Behalf-Of` names; the operator only.
    /// - Throws: `Failure` `invalid_token`, `wrong_organization`, `operator_required`, `organization_required`,
    ///   `not_found`.
    public func authenticate(
        _ token: [UInt8]?, organization: OrganizationReference?, onBehalfOf member: EmailAddress?, address: IPAddress?
    ) async throws -> Authentication {
        try await authenticate(token, organization: organization, onBehalfOf: member, address: address, for: nil).who
    }

    /// The same, and asks the policy about an operation within an organization where that needs no transaction more.
    ///
    /// - Parameter operation: nil where there is nothing to ask.
    /// - Returns: beside the caller what `organizationPermit` has to be given; nil where the policy was not asked.
    public func authenticate(
        _ token: [UInt8]?, organization: OrganizationReference?, onBehalfOf member: EmailAddress?, address: IPAddress?,
        for operation: Operation?
    ) async throws -> (who: Authentication, early: EarlyAnswer?) {
        guard let token else {
            return (.caller(Caller(.anonymous, address: address, organization: organization)), nil)
        }
        if KeyFormat.operatorToken.parse(token) != nil {
            let (caller, early) = try await operatorCaller(
                KeyDigest(ofText: token), organization, onBehalfOf: member, address: address, for: operation)
            return (.caller(caller), early)
        }
        guard member == nil else {
            throw Failure(.operatorRequired, "Only an operator token may act on behalf of a member.")
        }
        if KeyFormat.session.parse(token) != nil {
            let (caller, early) = try await person(
                KeyDigest(ofText: token), organization, address: address, for: operation)
            return (.caller(caller), early)
        }
        let decision = await verifier.inspect(.text(token), address: address)
        guard decision.verdict == .valid, let record = decision.record else { return (.refusedKey(decision), nil) }
        if let organization, !organization.names(record.organization) {
            throw Failure(.wrongOrganization, "This API key belongs to another organization than the one named.")
        }
        return (
            .caller(Caller(.apiKey(record), address: address, organization: .id(record.organization.id))), nil
        )
    }

    private func person(
        _ digest: KeyDigest, _ organization: OrganizationReference?, address: IPAddress?, for operation: Operation?
    ) async throws -> (Caller, EarlyAnswer?) {
        let now = clock.now()
        let (caller, session, early) = try await ledger.glance { [authorization] records in
            try records.expect([.session(digest)] + (organization.map { [.organization($0)] } ?? []))
            guard let session = try records.session(withToken: digest), session.isUsable(at: now) else {
                throw Authorization.invalidToken
            }
            let named = organization ?? session.organization.map { .id($0) }
            try records.expect(try Self.questions(session.user, in: named, operation, records))
            guard let user = try records.user(.id(session.user)), !user.isDisabled else {
                throw Authorization.invalidToken
            }
            let caller = Caller(.person(user, session), address: address, organization: named)
            return (caller, session, try authorization.early(operation, caller, records, now: now))
        }
        if session.kind == .console && now.seconds - session.lastSeenAt.seconds >= 60 {
            // Idle time is kept to the minute: a write for every request would cost more than it tells.
            _ = try await ledger.commit { _ in Prepared([.touchSession(session.id, at: now)], ()) }
        }
        return (caller, early)
    }

    /// What is asked about a person in any case, and for an operation.
    private static func questions(
        _ user: UserID, in organization: OrganizationReference?, _ operation: Operation?, _ records: any Records
    ) throws -> [Question] {
        guard operation != nil else { return [.user(.id(user))] }
        switch organization {
        case nil: return [.user(.id(user)), .organizations(of: user)]
        case .id(let id): return [.user(.id(user)), .organization(.id(id)), .member(user, of: id)]
        case .slug(let slug):
            guard let found = try records.organization(.slug(slug)) else { return [.user(.id(user))] }
            return [.user(.id(user)), .member(user, of: found.id)]
        }
    }

    private func operatorCaller(
        _ digest: KeyDigest, _ organization: OrganizationReference?, onBehalfOf member: EmailAddress?,
        address: IPAddress?, for operation: Operation?
    ) async throws -> (Caller, EarlyAnswer?) {
        let now = clock.now()
        return try await ledger.glance { [authorization] records in
            try records.expect(
                [.operatorToken(digest)] + (organization.map { [.organization($0)] } ?? [])
                    + (member.map { [.user(.email($0))] } ?? [])
                    + (member.flatMap { member in organization.map { [.memberNamed(member, of: $0)] } } ?? []))
            let principal = try Self.principal(
                digest, organization, onBehalfOf: member, address: address, records, now: now)
            let caller = Caller(principal, address: address, organization: organization)
            return (caller, try authorization.early(operation, caller, records, now: now))
        }
    }

    private static func principal(
        _ digest: KeyDigest, _ organization: OrganizationReference?, onBehalfOf member: EmailAddress?,
        address: IPAddress?, _ records: any Records, now: Timestamp
    ) throws -> Caller.Principal {
        guard let token = try records.operatorToken(withToken: digest), token.isUsable(at: now) else {
            throw Authorization.invalidToken
        }
        guard token.allows(address) else {
            throw Failure(.notAllowed, "This operator token may not be used from this address.")
        }
        guard let member else { return .operator(token) }
        guard let organization else { throw Authorization.organizationRequired }
        guard let found = try records.organization(organization), let user = try records.user(.email(member)) else {
            throw Failure.notFound
        }
        guard try records.member(user.id, of: found.id) != nil else { throw Failure.notFound }
        guard user.isVerified else { throw Self.emailUnverified }
        return .onBehalf(user, token)
    }

    static let emailUnverified = Failure(
        .emailUnverified,
        "Nobody has shown that this address is the account's: set verified with PUT /v1/operator/users/{email} first.")

    /// What a caller is told about themselves.
    public func describe(_ caller: Caller) async throws -> CallerDescription {
        let now = clock.now()
        if case .anonymous = caller.principal { throw Authorization.missing }
        do {
            let permit = try await ledger.read { [authorization] in
                try authorization.organization(.showCaller, caller, $0, now: now)
            }
            return CallerDescription(
                caller: caller, organization: permit.scope.organization, role: permit.scope.authority.role,
                permissions: permit.scope.authority.permissions.permissions)
        } catch let failure as Failure where failure.code == .organizationRequired {
            return CallerDescription(caller: caller, organization: nil, role: nil, permissions: [])
        }
    }
}

/// A caller in their own eyes.
public struct CallerDescription: Sendable {
    public let caller: Caller
    /// nil where the request names no organization and the caller is bound to none.
    public let organization: Organization?
    public let role: RoleName?
    public let permissions: [Permission]
}

extension Authorization {
    /// The policy's answer, refusal included; nil where nothing is asked.
    fileprivate func early(
        _ operation: Operation?, _ caller: Caller, _ records: any Records, now: Timestamp
    ) throws -> EarlyAnswer? {
        guard let operation else { return nil }
        do {
            let permit = try organization(operation, caller, records, now: now)
            return EarlyAnswer(operation: operation, permit: .success(permit))
        } catch let failure as Failure {
            return EarlyAnswer(operation: operation, permit: .failure(failure))
        }
    }
}

extension OrganizationReference {
    fileprivate func names(_ facts: OrganizationFacts) -> Bool {
        switch self {
        case .id(let id): id == facts.id
        case .slug(let slug): slug.description == facts.slug
        }
    }
}

extension Session {
    func isUsable(at now: Timestamp) -> Bool {
        guard expiresAt > now else { return false }
        switch kind {
        case .token: return true
        case .console: return lastSeenAt.adding(seconds: Administration.consoleIdleSeconds) > now
        }
    }
}

extension OperatorToken {
    fileprivate func allows(_ address: IPAddress?) -> Bool {
        guard !allowedIPs.isEmpty else { return true }
        guard let address else { return false }
        return allowedIPs.contains { $0.contains(address) }
    }
}
