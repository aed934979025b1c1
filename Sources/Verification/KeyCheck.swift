/// The checks that a known key goes through. `decide` and `explain` go the same walk, so an explanation cannot
/// differ from the decision it explains.
enum KeyCheck {
    case revocation
    case expiry
    case enabled
    case organization
    case address
    case permission

    /// All in order, until one is not to be gone on from. Not a list: of what is called one after the other here, each
    /// comes down to its own few instructions.
    @inline(__always)
    static func walk(_ goesOn: (KeyCheck) -> Bool) {
        _ =
            goesOn(.revocation) && goesOn(.expiry) && goesOn(.enabled) && goesOn(.organization) && goesOn(.address)
            && goesOn(.permission)
    }

    /// What a failure of this check is answered with.
    var verdict: Verdict {
        switch self {
        case .revocation: .revoked
        case .expiry: .expired
        case .enabled: .disabled
        case .organization: .organizationSuspended
        case .address: .ipNotAllowed
        case .permission: .insufficientPermissions
        }
    }

    /// - Parameter granted: the position of the first permission of the record that covers what is asked.
    @inline(__always)
    func passes(_ own: KeyRecord.Own, _ request: AccessRequest, _ now: Timestamp, granted: Int?) -> Bool {
        switch self {
        case .revocation: !own.isRevoked && isBefore(own.overlapEndsAt, now)
        case .expiry: isBefore(own.end, now)
        case .enabled: !own.isDisabled
        case .organization: !own.withFacts { $0.isSuspended }
        case .address: own.allows(request.address)
        case .permission: isHeld(request.permission, own, granted)
        }
    }

    private func isBefore(_ end: Timestamp?, _ now: Timestamp) -> Bool { end.map { now < $0 } ?? true }

    private func isHeld(_ asked: Permission?, _ own: KeyRecord.Own, _ granted: Int?) -> Bool {
        guard let asked else { return true }
        return granted != nil && own.withFacts { !$0.hasCeiling || $0.ceiling?.covers(asked) ?? true }
    }
}

extension KeyRecord.Own {
    /// `valid`, or the verdict of the first check to fail; with the position of the permission that lets the call through,
    /// where one was asked for.
    @inline(__always)
    func judge(_ request: AccessRequest, _ now: Timestamp) -> (verdict: Verdict, granted: Int?) {
        let granted = withFacts { $0.position(covering: request.permission) }
        var verdict = Verdict.valid
        KeyCheck.walk { check in
            let passed = check.passes(self, request, now, granted: granted)
            if !passed { verdict = check.verdict }
            return passed
        }
        return (verdict, verdict == .valid ? granted : nil)
    }
}

extension KeyRecord {
    /// What this record says to the request at this moment: `valid`, or the verdict of the first check to fail.
    /// A pure function; rate limits, which count, come after it.
    public func decide(_ request: AccessRequest, now: Timestamp) -> Verdict { judge(request, now).verdict }

    /// Every check that `decide` makes, in its order, past the first failure too.
    public func explain(_ request: AccessRequest, now: Timestamp) -> [Check] {
        var checks: [Check] = []
        let granted = withFacts { $0.position(covering: request.permission) }
        KeyCheck.walk { check in
            let passed = check.passes(own, request, now, granted: granted)
            checks.append(
                Check(
                    name: check.name, passed: passed, verdict: check.verdict,
                    detail: check.detail(self, request, now), isDecisive: !passed && checks.allSatisfy(\.passed)))
            return true
        }
        return checks
    }
}

extension KeyCheck {
    var name: String {
        switch self {
        case .revocation: "revocation"
        case .expiry: "expiry"
        case .enabled: "enabled"
        case .organization: "organization"
        case .address: "ip"
        case .permission: "permission"
        }
    }

    func detail(_ record: KeyRecord, _ request: AccessRequest, _ now: Timestamp) -> String {
        switch self {
        case .revocation: revocationDetail(record, now)
        case .expiry: record.expiresAt.map { now < $0 ? "Expires at \($0)." : "Expired at \($0)." } ?? "Never expires."
        case .enabled: record.isDisabled ? "The key is disabled." : "The key is enabled."
        case .organization:
            "The organization \(record.organization.slug) is \(record.organization.isSuspended ? "suspended" : "active")."
        case .address: addressDetail(record, request)
        case .permission: permissionDetail(record, request)
        }
    }

    private func revocationDetail(_ record: KeyRecord, _ now: Timestamp) -> String {
        if record.isRevoked { return "The key is revoked." }
        guard let end = record.overlapEndsAt else { return "The key is not revoked." }
        return now < end
            ? "The key is rotated out and works until \(end)."
            : "The key was rotated out and its overlap ended at \(end)."
    }

    private func addressDetail(_ record: KeyRecord, _ request: AccessRequest) -> String {
        if !record.hasAddresses { return "Any address is allowed." }
        guard let address = request.address else { return "The key has an allowlist and no address was given." }
        return "\(address) is \(record.allows(address) ? "on" : "not on") the key's allowlist."
    }

    private func permissionDetail(_ record: KeyRecord, _ request: AccessRequest) -> String {
        guard let asked = request.permission else { return "No permission was asked for." }
        guard let index = record.permissions.firstIndex(covering: asked) else {
            return "None of the key's permissions covers \(asked)."
        }
        guard record.ceiling?.covers(asked) ?? true else {
            return "The key's creator does not hold \(asked) any more."
        }
        return "\(asked) is covered by \(record.permissions.permissions[index])."
    }
}
