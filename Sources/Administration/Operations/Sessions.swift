import KeybearerVerification

extension Administration {
    /// A console session lasts 12 hours at most, and an hour without use.
    static let consoleSeconds: Int64 = 12 * 3600
    static let consoleIdleSeconds: Int64 = 3600
    /// A command line's token lasts 30 days.
    static let tokenSeconds: Int64 = 30 * 86_400

    /// Signs a person in. The answer and its time are the same for a wrong password and for no account.
    ///
    /// - Throws: `Failure` `invalid_credentials`, `too_many_attempts`, `busy`.
    public func signIn(email: String, password: String, kind: Session.Kind, _ permit: OpenPermit) async throws
        -> SignedIn
    {
        let address = permit.caller.address
        let account = EmailAddress(email)
        let name = account?.description ?? "?"
        try attempts.begin(account: name, address: address, now: clock.now())
        let user: User?
        let isRight: Bool
        do {
            user = try await ledger.read { records in try account.flatMap { try records.user(.email($0)) } }
            isRight = try await passwords.matches(password, user?.passwordHash)
        } catch {
            attempts.forgive(account: name, address: address)
            throw error
        }
        guard let user, isRight, !user.isDisabled else { throw Self.invalidCredentials }
        attempts.forgive(account: name, address: address)
        return try await openSession(for: user, kind: kind, organization: nil, viaOperator: nil, permit) { _ in }
    }

    static let invalidCredentials = Failure(.invalidCredentials, "The e-mail address or the password is wrong.")

    /// Opens a session in the transaction of whatever else `alongside` writes.
    func openSession(
        for user: User, kind: Session.Kind, organization: OrganizationID?, viaOperator: String?, _ permit: OpenPermit,
        alongside: @escaping @Sendable (inout Writing) throws -> Void
    ) async throws -> SignedIn {
        var random = SystemRandomNumberGenerator()
        let token = Secret.generate(.session, using: &random)
        let digest = token.digest
        let id = SessionID(at: clock.now(), using: &random)
        let session = try await commit(permit) { writing, permit in
            try alongside(&writing)
            guard let current = try writing.records.user(.id(user.id)), !current.isDisabled,
                current.passwordHash == user.passwordHash
            else { throw Self.invalidCredentials }
            let seconds = kind == .console ? Self.consoleSeconds : Self.tokenSeconds
            let session = Session(
                id: id, user: user.id, kind: kind, tokenDigest: digest, createdAt: writing.now,
                expiresAt: writing.now.adding(seconds: seconds), lastSeenAt: writing.now,
                address: permit.caller.address, organization: organization, viaOperator: viaOperator)
            writing.write(.insertSession(session))
            try writing.append(
                AuditEntry(
                    chain: organization.map { .organization($0) } ?? .operator, at: writing.now,
                    actor: "user:\(user.id)", via: viaOperator.map { "operator:\($0)" },
                    address: permit.caller.address, action: permit.operation.rawValue, target: id.description,
                    outcome: "ok", count: 1, details: ["kind": .text(kind.rawValue)]))
            return session
        }.value
        return SignedIn(session: session, user: user, token: token)
    }

    /// The caller's own sessions that still work, newest first.
    public func sessions(_ permit: PersonalPermit) async throws -> [Session] {
        let user = permit.scope.user.id
        let now = clock.now()
        return try await ledger.read { try $0.sessions(of: user, now: now) }
    }

    /// Ends one of the caller's own sessions; nil means the one that asks.
    ///
    /// - Throws: `Failure` `not_found`.
    public func endSession(_ id: SessionID?, _ permit: PersonalPermit) async throws {
        _ = try await commit(permit) { writing, permit in
            let own = try writing.records.sessions(of: permit.scope.user.id, now: writing.now)
            let wanted = id ?? permit.scope.session.id
            guard own.contains(where: { $0.id == wanted }) else { throw Failure.notFound }
            writing.write(.endSession(wanted))
            try writing.audit(permit, in: .operator, target: wanted.description)
        }
    }

    /// Changes the caller's password and ends every other session of theirs.
    ///
    /// - Throws: `Failure` `invalid_credentials`, `invalid_password`, `too_many_attempts`.
    public func changePassword(current: String, new: String, _ permit: PersonalPermit) async throws {
        let user = permit.scope.user
        let faults = validation.passwordFaults(new, pointer: "/new")
        try attempts.begin(account: user.email.description, address: permit.caller.address, now: clock.now())
        guard try await passwords.matches(current, user.passwordHash) else {
            throw Failure(.invalidCredentials, "The current password is wrong.")
        }
        attempts.forgive(account: user.email.description, address: permit.caller.address)
        guard faults.isEmpty else { throw Failure(faults: faults) }
        let hash = try await passwords.hash(new)
        _ = try await commit(permit) { writing, permit in
            var user = permit.scope.user
            user.passwordHash = hash
            writing.write(.updateUser(user))
            writing.write(.endSessions(of: user.id, except: permit.scope.session.id))
            try writing.audit(permit, in: .operator, target: user.id.description)
        }
    }
}
