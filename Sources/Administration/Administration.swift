import KeybearerVerification
import Logging
import Synchronization

/// The one door: API, console, commands and the operator's calls all come through these operations.
///
/// Each takes a permit, prepares its changes inside a transaction that asks the policy once more, and commits
/// rows, audit event and revision together.
public final class Administration: Sendable {
    public let rules: Rules
    public let verifier: Verifier
    public let clock: WallClock
    public let trail: AuditTrail
    let ledger: any Ledger
    let authorization: Authorization
    let validation: Validation
    let passwords: PasswordHasher
    let attempts: AttemptThrottle
    let devicePolls = DevicePolls()
    let changeLimiter: ChangeLimiter
    let refusals = RefusalLog()
    let inFlight = Mutex<Set<KeyDigest>>([])
    let meter: UsageMeter
    let backlog = UsageBacklog()
    let logger: Logger

    public init(
        ledger: any Ledger, rules: Rules, verifier: Verifier, meter: UsageMeter, clock: WallClock, logger: Logger,
        passwordCost: PasswordCost = .standard
    ) {
        self.ledger = ledger
        self.rules = rules
        self.verifier = verifier
        self.meter = meter
        self.clock = clock
        self.logger = logger
        trail = AuditTrail(secret: rules.auditSecret)
        authorization = Authorization(rules: rules)
        validation = Validation(rules: rules)
        passwords = PasswordHasher(cost: passwordCost)
        attempts = AttemptThrottle()
        changeLimiter = ChangeLimiter(perSecond: rules.changesPerSecond)
    }

    // MARK: Background work

    /// Writes the repeats of refusals whose minute is over, or all of them at the end.
    public func flushRefusals(all: Bool = false) async {
        let now = clock.now()
        let repeats = refusals.drain(before: now, all: all)
        guard !repeats.isEmpty else { return }
        let entries = repeats.map { $0.entry(at: now) }
        do {
            _ = try await ledger.commit { [self] records in
                var writing = Writing(records, trail, now: now)
                for entry in entries { try writing.append(entry) }
                return Prepared(writing.changes, ())
            }
        } catch {
            logger.error("\(entries.count) audit events of repeated refusals could not be written")
        }
    }

    /// Drops sessions, links, invitations and remembered answers that have ended.
    public func forgetExpired() async {
        let now = clock.now()
        do {
            _ = try await ledger.commit { _ in Prepared([.forgetExpired(before: now)], ()) }
        } catch {
            logger.warning("expired sessions and links could not be removed; they stay without effect")
        }
    }

    /// Writes the first refusal of its kind in a minute, and leaves the failure as it is where that cannot be done.
    func audit(_ failure: Failure, _ operation: Operation, _ caller: Caller) async {
        guard !operation.isRead, failure.code.isAudited else { return }
        if case .anonymous = caller.principal { return }
        let now = clock.now()
        do {
            let chain = try await ledger.read { [self] in try refusalChain(of: caller, $0) }
            let kind = RefusalLog.Kind(
                chain: chain, actor: caller.actor, via: caller.via, action: operation.rawValue,
                code: failure.code.rawValue)
            guard refusals.note(kind, address: caller.address, at: now) else { return }
            let entry = kind.entry(address: caller.address, count: 1, at: now)
            _ = try await ledger.commit { [self] records in
                var writing = Writing(records, trail, now: now)
                try writing.append(entry)
                return Prepared(writing.changes, ())
            }
        } catch {
            logger.error("a refused change could not be written to the audit log")
        }
    }

    /// The chain of the organization that the caller belongs to; the operator's for everyone else.
    private func refusalChain(of caller: Caller, _ records: any Records) throws -> AuditChain {
        switch caller.principal {
        case .apiKey(let record): return .organization(record.organization.id)
        case .anonymous, .operator, .local: return .operator
        case .person(let user, _), .onBehalf(let user, _):
            let organization: Organization?
            if let reference = caller.organization {
                organization = try records.organization(reference)
            } else {
                let memberships = try records.organizations(of: user.id)
                organization = memberships.count == 1 ? memberships[0] : nil
            }
            guard let organization, try records.member(user.id, of: organization.id) != nil else { return .operator }
            return .organization(organization.id)
        }
    }
}

extension Failure.Code {
    /// Whether a refusal with this code tells something about who tried what.
    fileprivate var isAudited: Bool {
        switch self {
        case .unavailable, .indeterminate, .busy, .rateLimited, .idempotencyInProgress: false
        default: true
        }
    }
}

extension RefusalLog.Kind {
    fileprivate func entry(address: IPAddress?, count: Int64, at now: Timestamp) -> AuditEntry {
        AuditEntry(
            chain: chain, at: now, actor: actor, via: via, address: address, action: action, target: nil,
            outcome: code, count: count, details: [:])
    }
}

extension RefusalLog.Repeats {
    fileprivate func entry(at now: Timestamp) -> AuditEntry { kind.entry(address: address, count: count, at: now) }
}
