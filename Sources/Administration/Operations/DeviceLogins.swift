import KeybearerVerification

/// What a program is told that asks for a login; the device code once.
public struct StartedDeviceLogin: ~Copyable, Sendable {
    public let userCode: UserCode
    public let lifetimeSeconds: Int64
    public let intervalSeconds: Int64
    private let deviceCode: Secret
    private let publicURL: String

    init(userCode: UserCode, deviceCode: consuming Secret, publicURL: String) {
        self.userCode = userCode
        lifetimeSeconds = Administration.deviceLoginSeconds
        intervalSeconds = DevicePolls.intervalSeconds
        self.deviceCode = deviceCode
        self.publicURL = publicURL
    }

    /// The page on which a person types the code.
    public var verificationURL: String { "\(publicURL)/device" }
    /// The same page with the code filled in.
    public var completeVerificationURL: String { "\(verificationURL)?user_code=\(userCode)" }

    public consuming func revealDeviceCode() -> String { deviceCode.reveal() }
}

/// The answer to a program that waits for its login.
public enum DeviceLoginAnswer: ~Copyable, Sendable {
    case signedIn(SignedIn)
    case refused(DeviceLoginRefusal)
}

/// The codes of RFC 8628, section 3.5.
public enum DeviceLoginRefusal: String, Sendable, Hashable, CaseIterable {
    case authorizationPending = "authorization_pending"
    case slowDown = "slow_down"
    case accessDenied = "access_denied"
    case expiredToken = "expired_token"
    case invalidGrant = "invalid_grant"
}

extension Administration {
    /// A device login is to be answered within 10 minutes.
    static let deviceLoginSeconds: Int64 = 600
    /// As many may wait for an answer that were started from one address (/64 for IPv6).
    static let pendingDeviceLogins = 20

    /// Starts a login for a program without a browser.
    ///
    /// - Throws: `Failure` `too_many_attempts` while too many of the same address wait for an answer.
    public func startDeviceLogin(_ client: DeviceClient, _ permit: OpenPermit) async throws -> StartedDeviceLogin {
        var random = SystemRandomNumberGenerator()
        let deviceCode = Secret.linkToken(using: &random)
        let digest = deviceCode.digest
        let userCode = try await commit(permit) { writing, permit in
            let address = permit.caller.address
            let origin = DeviceLogin.origin(of: address)
            let waiting = try writing.records.pendingDeviceLogins(from: origin, now: writing.now)
            guard waiting < Self.pendingDeviceLogins else {
                throw Failure(
                    .tooManyAttempts, "Too many logins from this address wait for an answer; try again in a minute.",
                    retryAfterSeconds: 60)
            }
            let code = try Self.unusedCode(writing.records)
            writing.write(
                .insertDeviceLogin(
                    DeviceLogin(
                        deviceCodeDigest: digest, userCodeDigest: code.digest, client: client, address: address,
                        createdAt: writing.now, expiresAt: writing.now.adding(seconds: Self.deviceLoginSeconds))))
            return code
        }.value
        return StartedDeviceLogin(userCode: userCode, deviceCode: deviceCode, publicURL: rules.publicURL)
    }

    /// Answers a program that waits: with a session of 30 days once, after a person has approved.
    public func redeemDeviceCode(
        _ deviceCode: String, client: DeviceClient, _ permit: OpenPermit
    ) async throws -> DeviceLoginAnswer {
        let digest = KeyDigest(ofText: Array(deviceCode.utf8))
        let now = clock.now()
        guard let login = try await ledger.read({ try $0.deviceLogin(withDeviceCode: digest) }), login.client == client
        else { return .refused(.invalidGrant) }
        guard login.expiresAt > now else { return .refused(.expiredToken) }
        guard devicePolls.isInTime(login, now: now) else { return .refused(.slowDown) }
        switch login.state {
        case .pending: return .refused(.authorizationPending)
        case .denied: return .refused(.accessDenied)
        case .approved(let approval): return try await signIn(by: approval, digest, permit)
        }
    }

    private func signIn(
        by approval: DeviceLogin.Approval, _ digest: KeyDigest, _ permit: OpenPermit
    ) async throws -> DeviceLoginAnswer {
        guard let user = try await ledger.read({ try $0.user(.id(approval.user)) }), !user.isDisabled else {
            return .refused(.accessDenied)
        }
        do {
            let signedIn = try await openSession(
                for: user, kind: .token, organization: approval.organization, viaOperator: approval.viaOperator, permit
            ) { writing in
                guard try writing.records.deviceLogin(withDeviceCode: digest)?.state == .approved(approval) else {
                    throw Self.invalidCredentials
                }
                writing.write(.removeDeviceLogin(digest))
            }
            devicePolls.forget(digest)
            return .signedIn(signedIn)
        } catch let failure as Failure where failure.code == .invalidCredentials {
            return .refused(.invalidGrant)
        }
    }

    /// The login that waits under a code, for the person who is to decide.
    ///
    /// Wrong codes count as failed attempts of the person, since each is a guess at what somebody else's screen shows.
    ///
    /// - Throws: `Failure` `device_code_invalid`, `too_many_attempts`.
    public func deviceLogin(_ text: String, _ permit: PersonalPermit) async throws -> DeviceLogin {
        let now = clock.now()
        return try await guessing(permit) {
            guard let code = UserCode(text) else { throw Self.deviceCodeInvalid }
            return try await self.ledger.read { try $0.waitingDeviceLogin(code, now: now) }
        }
    }

    /// Lets the program in as the person who decides, or turns it away; once.
    ///
    /// - Throws: `Failure` `device_code_invalid`, `too_many_attempts`.
    public func decideDeviceLogin(_ text: String, approve: Bool, _ permit: PersonalPermit) async throws {
        try await guessing(permit) {
            guard let code = UserCode(text) else { throw Self.deviceCodeInvalid }
            _ = try await self.commit(permit) { writing, permit in
                var login = try writing.records.waitingDeviceLogin(code, now: writing.now)
                let session = permit.scope.session
                login.state =
                    approve
                    ? .approved(
                        DeviceLogin.Approval(
                            user: permit.scope.user.id, organization: session.organization,
                            viaOperator: session.viaOperator))
                    : .denied
                writing.write(.updateDeviceLogin(login))
                try writing.audit(
                    permit, in: session.organization.map { .organization($0) } ?? .operator, target: nil,
                    [
                        "client": .text(login.client.rawValue), "decision": .text(approve ? "approve" : "deny"),
                        "asked_from": .text(login.origin),
                    ])
            }
        }
    }

    private func guessing<Value: Sendable>(
        _ permit: PersonalPermit, _ body: () async throws -> Value
    ) async throws -> Value {
        let account = "device code of \(permit.scope.user.id)"
        try attempts.begin(account: account, address: permit.caller.address, now: clock.now())
        do {
            let value = try await body()
            attempts.forgive(account: account, address: permit.caller.address)
            return value
        } catch let failure as Failure where failure.code == .deviceCodeInvalid {
            throw failure
        } catch {
            attempts.forgive(account: account, address: permit.caller.address)
            throw error
        }
    }

    private static func unusedCode(_ records: any Records) throws -> UserCode {
        var random = SystemRandomNumberGenerator()
        var code = UserCode(using: &random)
        while try records.deviceLogin(withUserCode: code.digest) != nil { code = UserCode(using: &random) }
        return code
    }

    fileprivate static let deviceCodeInvalid = Failure(
        .deviceCodeInvalid,
        "No login waits under this code: it was mistyped, answered already, or is over 10 minutes old."
    )
}

extension CredentialRecords {
    fileprivate func waitingDeviceLogin(_ code: UserCode, now: Timestamp) throws -> DeviceLogin {
        guard let login = try deviceLogin(withUserCode: code.digest), login.state == .pending, login.expiresAt > now
        else { throw Administration.deviceCodeInvalid }
        return login
    }
}
