import KeybearerVerification

/// Who a credential turned out to be.
public enum Authentication: Sendable {
    case caller(Caller)
    /// A well-formed request with an API key that verification refuses; the decision says why.
    case refusedKey(Decision)
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
        guard let token else {
            return .caller(Caller(.anonymous, address: address, organization: organization))
        }
        if KeyFormat.operatorToken.parse(token) != nil {
            let principal = try await operatorPrincipal(token, organization, onBehalfOf: member, address: address)
            return .caller(Caller(principal, address: address, organization: organization))
        }
        guard member == nil else {
            throw Failure(.operatorRequired, "Only an operator token may act on behalf of a member.")
        }
        if KeyFormat.session.parse(token) != nil {
            let (user, session) = try await person(KeyDigest(ofText: token))
            let named = organization ?? session.organization.map { .id($0) }
            return .caller(Caller(.person(user, session), address: address, organization: named))
        }
        let decision = await verifier.inspect(.text(token), address: address)
        guard decision.verdict == .valid, let record = decision.record else { return .refusedKey(decision) }
        if let organization, !organization.names(record.organization) {
            throw Failure(.wrongOrganization, "This API key belongs to another organization than the one named.")
        }
        return .caller(
            Caller(.apiKey(record), address: address, organization: .id(record.organization.id)))
    }

    private func person(_ digest: KeyDigest) async throws -> (User, Session) {
        let now = clock.now()
        let (user, session) = try await ledger.read { records in
            guard let session = try records.session(withToken: digest), session.isUsable(at: now),
                let user = try records.user(.id(session.user)), !user.isDisabled
            else { throw Authorization.invalidToken }
            return (user, session)
        }
        if session.kind == .console && now.seconds - session.lastSeenAt.seconds >= 60 {
            // Idle time is kept to the minute: a write for every request would cost more than it tells.
            _ = try await ledger.commit { _ in Prepared([.touchSession(session.id, at: now)], ()) }
        }
        return (user, session)
    }

    private func operatorPrincipal(
        _ token: [UInt8], _ organization: OrganizationReference?, onBehalfOf member: EmailAddress?, address: IPAddress?
    ) async throws -> Caller.Principal {
        let digest = KeyDigest(ofText: token)
        let now = clock.now()
        return try await ledger.read { records in
            guard let token = try records.operatorToken(withToken: digest), token.isUsable(at: now) else {
                throw Authorization.invalidToken
            }
            guard token.allows(address) else {
                throw Failure(.notAllowed, "This operator token may not be used from this address.")
            }
            guard let member else { return .operator(token) }
            guard let organization else { throw Authorization.organizationRequired }
            guard let found = try records.organization(organization), let user = try records.user(.email(member)),
                try records.member(user.id, of: found.id) != nil
            else { throw Failure.notFound }
            guard user.isVerified else { throw Self.emailUnverified }
            return .onBehalf(user, token)
        }
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
