import KeybearerAdministration

extension Failure.Code {
    /// The HTTP status of each failure, all in one place.
    public var status: Int {
        switch self {
        case .organizationRequired: 400
        case .missing, .invalidToken, .invalidCredentials: 401
        case .insufficientPermissions, .ownerRequired, .userLoginRequired, .operatorRequired, .readOnly, .notAllowed,
            .wrongOrganization, .organizationSuspended, .permissionEscalation, .featureNotAvailable, .quotaExceeded,
            .organizationLimit:
            403
        case .notFound, .invitationInvalid, .deviceCodeInvalid: 404
        case .lastOwner, .roleBuiltIn, .roleInUse, .slugTaken, .emailTaken, .emailUnverified, .alreadyMember,
            .keyNotActive, .idempotencyConflict, .idempotencyInProgress:
            409
        case .preconditionFailed: 412
        case .invalidName, .invalidSlug, .invalidEmail, .invalidPassword, .unknownPermission,
            .tooManyPermissions, .unknownRole, .unknownPlan, .invalidIP, .cidrNotAccepted, .tooManyIPs,
            .invalidExpiry, .invalidLabel, .invalidReason, .invalidOverlap, .invalidRateLimit, .invalidFilter,
            .invalidDigest:
            422
        case .tooManyAttempts, .rateLimited: 429
        case .busy, .unavailable, .indeterminate: 503
        }
    }
}
