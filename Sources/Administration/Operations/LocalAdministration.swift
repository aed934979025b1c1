import KeybearerVerification

/// What only a command on the machine does: accounts with passwords, and the operator's tokens.
extension Administration {
    /// The permit of a command run by whoever may write the database's file.
    public func localPermit(_ operation: Operation, command: String) async throws -> OperatorPermit {
        try await operatorPermit(operation, Caller(.local(command: command), address: nil, organization: nil))
    }

    /// - Throws: `Failure` `invalid_email`, `invalid_name`, `invalid_password`, `email_taken`.
    public func createUser(
        email: String, name: String, password: String?, _ permit: OperatorPermit
    ) async throws -> User {
        let email = try validation.email(email)
        let checkedName = validation.name(name)
        let faults = checkedName.faults + (password.map { validation.passwordFaults($0, pointer: "/password") } ?? [])
        guard faults.isEmpty else { throw Failure(faults: faults) }
        let checked = try checkedName.get()
        var hash: String?
        if let password { hash = try await passwords.hash(password) }
        return try await commit(permit) { [hash] writing, permit in
            guard try writing.records.user(.email(email)) == nil else {
                throw Failure(.emailTaken, "There is an account for this address already.")
            }
            var random = SystemRandomNumberGenerator()
            let user = User(
                id: UserID(at: writing.now, using: &random), email: email, name: checked, passwordHash: hash,
                isVerified: true, createdAt: writing.now)
            writing.write(.insertUser(user))
            try writing.audit(
                permit, in: .operator, target: user.id.description, ["email": .text(email.description)])
            return user
        }.value
    }

    public func users(_ page: Page<UserID>, _ permit: OperatorPermit) async throws -> [User] {
        try await ledger.read { try $0.users(page) }
    }

    /// Sets a password and ends every session of the account.
    ///
    /// - Throws: `Failure` `not_found`, `invalid_password`.
    public func setPassword(email: String, password: String, _ permit: OperatorPermit) async throws {
        let email = try validation.email(email)
        let faults = validation.passwordFaults(password, pointer: "/password")
        guard faults.isEmpty else { throw Failure(faults: faults) }
        let hash = try await passwords.hash(password)
        _ = try await commit(permit) { writing, permit in
            guard var user = try writing.records.user(.email(email)) else { throw Failure.notFound }
            user.passwordHash = hash
            writing.write(.updateUser(user))
            writing.write(.endSessions(of: user.id, except: nil))
            try writing.audit(
                permit, in: .operator, target: user.id.description,
                ["email": .text(email.description), "password": .text("set")])
        }
    }

    /// - Throws: `Failure` `invalid_name`, `invalid_ip`, `invalid_expiry`.
    public func createOperatorToken(
        name: String, expiresInDays: Int?, allowedIPs: [String], isReadOnly: Bool, _ permit: OperatorPermit
    ) async throws -> IssuedOperatorToken {
        let name = try validation.name(name).get()
        let blocks = try Validation.operatorAddresses(allowedIPs)
        guard expiresInDays.map({ (1...36_500).contains($0) }) ?? true else {
            throw Failure(faults: [Failure.Field("/expires", .invalidExpiry, "Days are 1 to 36500.")])
        }
        var random = SystemRandomNumberGenerator()
        let secret = Secret.generate(.operatorToken, using: &random)
        let digest = secret.digest
        let id = OperatorTokenID(at: clock.now(), using: &random)
        let token = try await commit(permit) { writing, permit in
            let token = OperatorToken(
                id: id, name: name, tokenDigest: digest, isReadOnly: isReadOnly, allowedIPs: blocks,
                createdAt: writing.now,
                expiresAt: expiresInDays.map { writing.now.adding(seconds: Int64($0) * 86_400) })
            writing.write(.insertOperatorToken(token))
            try writing.audit(
                permit, in: .operator, target: id.description,
                ["name": .text(name), "read_only": .flag(isReadOnly)])
            return token
        }.value
        return IssuedOperatorToken(token: token, secret: secret)
    }

    public func operatorTokens(_ permit: OperatorPermit) async throws -> [OperatorToken] {
        try await ledger.read { try $0.operatorTokens() }
    }

    /// - Throws: `Failure` `not_found`.
    public func revokeOperatorToken(_ id: String, _ permit: OperatorPermit) async throws {
        _ = try await commit(permit) { writing, permit in
            guard let id = OperatorTokenID(id),
                let token = try writing.records.operatorTokens().first(where: { $0.id == id })
            else { throw Failure.notFound }
            writing.write(.revokeOperatorToken(id, at: writing.now))
            try writing.audit(permit, in: .operator, target: id.description, ["name": .text(token.name)])
        }
    }
}

extension Validation {
    /// The operator's own tokens may be bound to whole networks.
    fileprivate static func operatorAddresses(_ texts: [String]) throws -> [CIDRBlock] {
        try texts.map { text in
            guard let block = CIDRBlock(text) else {
                throw Failure(faults: [Failure.Field("/allow_ip", .invalidIP, "Write an address or a CIDR block.")])
            }
            return block
        }
    }
}

extension Administration {
    /// Makes an organization together with its first owner, who needs an account already.
    ///
    /// - Throws: `Failure` `invalid_slug`, `invalid_name`, `unknown_plan`, `slug_taken`, `invalid_email`, `not_found`.
    public func createOrganization(
        slug: String, name: String, plan: String, owner: String, _ permit: OperatorPermit
    ) async throws -> OrganizationView {
        let email = try validation.email(owner)
        let slug = try validation.slug(slug)
        let name = try validation.name(name).get()
        guard rules.plans[plan] != nil else {
            let known = rules.plans.keys.sorted().joined(separator: ", ")
            throw Failure(faults: [Failure.Field("/plan", .unknownPlan, "No such plan; there are \(known).")])
        }
        return try await commit(permit) { [rules] writing, permit in
            guard let user = try writing.records.user(.email(email)) else {
                throw Failure(
                    .notFound, "There is no account for the owner: make it with `keybearer user create` first.")
            }
            let organization = try writing.newOrganization(slug, name: name, plan: plan, permit.chain)
            writing.write(
                .putMember(Member(organization: organization.id, user: user.id, role: .owner, joinedAt: writing.now)))
            try writing.audit(
                permit, in: .organization(organization.id), target: organization.id.description,
                ["slug": .text(slug.description), "plan": .text(plan), "owner": .text(user.id.description)])
            return OrganizationView(organization: organization, plan: rules.plan(plan), activeKeys: 0)
        }.value
    }
}

extension Administration {
    /// Leaves in the operator's chain that a backup took the database's place.
    public func noteRestore(carriedRevocations: Int, _ permit: OperatorPermit) async throws {
        _ = try await commit(permit) { writing, permit in
            try writing.audit(
                permit, in: .operator, target: nil,
                ["restored": true, "carried_revocations": .number(Int64(carriedRevocations))])
        }
    }
}

extension Administration {
    /// Puts a configuration in force on every node: from the answer on none decides by another.
    ///
    /// - Returns: which nodes went on with it, and which could not be asked.
    public func applyConfiguration(_ digest: ConfigurationDigest, _ permit: OperatorPermit) async throws -> Barrier {
        try await commit(permit) { writing, permit in
            writing.write(.applyConfiguration(digest))
            try writing.audit(permit, in: .operator, target: digest.name)
        }.barrier
    }
}
