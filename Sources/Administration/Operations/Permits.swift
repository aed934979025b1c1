import KeybearerVerification

extension Administration {
    /// Leave for what the request itself authorizes.
    public func openPermit(_ operation: Operation, _ caller: Caller) throws -> OpenPermit {
        guard operation.rule == .anyone else { throw Authorization.missing }
        return Permit(operation, caller, Anywhere())
    }

    /// - Throws: `Failure` `missing`, `invalid_token` or `user_login_required`.
    public func personalPermit(_ operation: Operation, _ caller: Caller) async throws -> PersonalPermit {
        let now = clock.now()
        return try await auditing(operation, caller) { [ledger, authorization] in
            try await ledger.read { try authorization.personal(operation, caller, $0, now: now) }
        }
    }

    /// - Parameter early: what `authenticate` brought along with this caller; of another operation it says nothing.
    /// - Throws: `Failure` `missing`, `invalid_token`, `organization_required`, `not_found`,
    ///   `insufficient_permissions`, `owner_required`, `organization_suspended` or `read_only`.
    public func organizationPermit(
        _ operation: Operation, _ caller: Caller, _ early: EarlyAnswer? = nil
    ) async throws -> OrganizationPermit {
        if let early, early.operation == operation {
            return try await auditing(operation, caller) { try early.permit.get() }
        }
        let now = clock.now()
        return try await auditing(operation, caller) { [ledger, authorization] in
            try await ledger.read { try authorization.organization(operation, caller, $0, now: now) }
        }
    }

    /// - Throws: `Failure` `missing`, `invalid_token`, `operator_required` or `read_only`.
    public func operatorPermit(_ operation: Operation, _ caller: Caller) async throws -> OperatorPermit {
        let now = clock.now()
        return try await auditing(operation, caller) { [ledger, authorization] in
            try await ledger.read { try authorization.system(operation, caller, $0, now: now) }
        }
    }

    /// Counts a call that the policy has allowed: a key's against its own limits, anyone else's against the
    /// organization's `control.changes_per_second`.
    ///
    /// - Returns: the key's decision, for its headers; nil for everyone else. Its verdict may be `rate_limited`.
    /// - Throws: `Failure` `rate_limited`.
    public func admit(_ caller: Caller, token: [UInt8]?, in organization: OrganizationID?) async throws -> Decision? {
        if case .apiKey = caller.principal, let token {
            return await verifier.verify(
                .text(token), AccessRequest(permission: nil, address: caller.address, cost: 1))
        }
        if let organization, !changeLimiter.admits(organization, now: clock.now()) {
            throw Failure(
                .rateLimited, "This organization is making too many calls at once; try again in a second.",
                retryAfterSeconds: 1)
        }
        return nil
    }

    private func auditing<Value: Sendable>(
        _ operation: Operation, _ caller: Caller, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let failure as Failure {
            await audit(failure, operation, caller)
            throw failure
        }
    }

    // MARK: Commits

    /// Runs `prepare` with a permit that the policy has given again, inside the transaction.
    ///
    /// - Parameter questions: what `prepare` will ask, as far as it is known.
    func commit<Value: Sendable>(
        _ permit: OrganizationPermit,
        expecting questions: @escaping @Sendable (_ now: Timestamp) -> [Question] = { _ in [] },
        _ prepare: @escaping @Sendable (inout Writing, OrganizationPermit) throws -> Value
    ) async throws -> Committed<Value> {
        try await committing(permit) { [authorization] writing in
            let chain = AuditChain.organization(permit.scope.organization.id)
            try writing.records.expect(
                authorization.questions(permit) + questions(writing.now) + [.auditHead(of: chain)])
            let current = try authorization.organization(
                permit.operation, permit.caller, writing.records, now: writing.now)
            guard current.scope.organization.id == permit.scope.organization.id else { throw Failure.notFound }
            return try prepare(&writing, current)
        }
    }

    func commit<Value: Sendable>(
        _ permit: PersonalPermit, _ prepare: @escaping @Sendable (inout Writing, PersonalPermit) throws -> Value
    ) async throws -> Committed<Value> {
        try await committing(permit) { [authorization] writing in
            let current = try authorization.personal(
                permit.operation, permit.caller, writing.records, now: writing.now)
            return try prepare(&writing, current)
        }
    }

    func commit<Value: Sendable>(
        _ permit: OperatorPermit, _ prepare: @escaping @Sendable (inout Writing, OperatorPermit) throws -> Value
    ) async throws -> Committed<Value> {
        try await committing(permit) { [authorization] writing in
            let current = try authorization.system(
                permit.operation, permit.caller, writing.records, now: writing.now)
            return try prepare(&writing, current)
        }
    }

    func commit<Value: Sendable>(
        _ permit: OpenPermit, _ prepare: @escaping @Sendable (inout Writing, OpenPermit) throws -> Value
    ) async throws -> Committed<Value> {
        try await committing(permit) { writing in try prepare(&writing, permit) }
    }

    private func committing<Scope, Value: Sendable>(
        _ permit: Permit<Scope>, _ prepare: @escaping @Sendable (inout Writing) throws -> Value
    ) async throws -> Committed<Value> {
        do {
            return try await ledger.commit { [trail, clock] records in
                var writing = Writing(records, trail, now: clock.now())
                let value = try prepare(&writing)
                return Prepared(writing.changes, value)
            }
        } catch let failure as Failure {
            await audit(failure, permit.operation, permit.caller)
            throw failure
        }
    }
}

extension Administration {
    /// Whether the policy would give the permit at this moment. For showing what can be done; nothing is audited.
    public func isAllowed(_ operation: Operation, _ caller: Caller) async -> Bool {
        let now = clock.now()
        do {
            _ = try await ledger.read { [authorization] in
                try authorization.organization(operation, caller, $0, now: now)
            }
            return true
        } catch {
            return false
        }
    }
}
