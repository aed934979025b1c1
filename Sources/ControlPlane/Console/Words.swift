import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

extension Failure.Code {
    /// What a person reads; every code has its words.
    var words: KeyPath<Catalogue, Text> {
        switch self {
        case .notFound: \.failure.notFound
        case .missing, .invalidToken, .userLoginRequired: \.failure.signedOut
        case .insufficientPermissions: \.failure.insufficientPermissions
        case .ownerRequired: \.failure.ownerRequired
        case .operatorRequired, .readOnly, .notAllowed, .wrongOrganization: \.failure.notAllowed
        case .organizationRequired: \.failure.organizationRequired
        case .organizationSuspended: \.failure.organizationSuspended
        case .permissionEscalation: \.failure.permissionEscalation
        case .featureNotAvailable: \.failure.featureNotAvailable
        case .quotaExceeded: \.failure.quotaExceeded
        case .organizationLimit: \.failure.organizationLimit
        case .invalidCredentials: \.failure.invalidCredentials
        case .tooManyAttempts: \.failure.tooManyAttempts
        case .rateLimited, .busy: \.failure.tooFast
        case .lastOwner: \.failure.lastOwner
        case .roleBuiltIn: \.failure.roleBuiltIn
        case .roleInUse: \.failure.roleInUse
        case .slugTaken: \.failure.slugTaken
        case .emailTaken: \.failure.emailTaken
        case .emailUnverified: \.failure.emailUnverified
        case .alreadyMember: \.failure.alreadyMember
        case .keyNotActive: \.failure.keyNotActive
        case .invitationInvalid: \.failure.invitationInvalid
        case .deviceCodeInvalid: \.account.deviceUnknown
        case .idempotencyConflict: \.failure.alreadySent
        case .idempotencyInProgress: \.failure.stillRunning
        case .preconditionFailed: \.failure.changedMeanwhile
        case .invalidName: \.failure.invalidName
        case .invalidSlug: \.failure.invalidSlug
        case .invalidEmail: \.failure.invalidEmail
        case .invalidPassword: \.failure.invalidPassword
        case .unknownPermission: \.failure.unknownPermission
        case .tooManyPermissions: \.failure.tooManyPermissions
        case .unknownRole: \.failure.unknownRole
        case .unknownPlan: \.failure.unknownPlan
        case .invalidIP: \.failure.invalidIP
        case .cidrNotAccepted: \.failure.cidrNotAccepted
        case .tooManyIPs: \.failure.tooManyIPs
        case .invalidExpiry: \.failure.invalidExpiry
        case .invalidLabel: \.failure.invalidLabel
        case .invalidReason: \.failure.invalidReason
        case .invalidOverlap: \.failure.invalidOverlap
        case .invalidRateLimit, .invalidFilter, .invalidDigest: \.failure.invalidInput
        case .unavailable: \.failure.unavailable
        case .indeterminate: \.failure.indeterminate
        }
    }
}

extension Verdict {
    var words: KeyPath<Catalogue, Text> {
        switch self {
        case .valid: \.failure.verdictValid
        case .missing: \.failure.verdictMissing
        case .malformed, .notFound: \.failure.verdictUnknown
        case .revoked: \.failure.verdictRevoked
        case .expired: \.failure.verdictExpired
        case .disabled: \.failure.verdictDisabled
        case .organizationSuspended: \.failure.verdictSuspended
        case .ipNotAllowed: \.failure.verdictAddress
        case .insufficientPermissions: \.failure.verdictPermission
        case .rateLimited: \.failure.verdictRateLimited
        case .unavailable: \.failure.verdictUnavailable
        }
    }

    var tone: UsageChart.Tone {
        switch self {
        case .valid: .good
        case .rateLimited: .warn
        case .insufficientPermissions: .other
        case .ipNotAllowed, .missing, .malformed, .notFound, .revoked, .expired, .disabled, .organizationSuspended,
            .unavailable:
            .bad
        }
    }
}

extension Operation {
    /// How the log names it; nil for what no organization's log holds.
    var words: KeyPath<Catalogue, Text>? {
        switch self {
        case .signIn: \.action.signIn
        case .acceptInvitation: \.action.acceptInvitation
        case .openLink: \.action.openLink
        case .endSession: \.action.endSession
        case .changePassword: \.action.changePassword
        case .decideDeviceLogin: \.action.decideDevice
        case .createOrganization: \.action.createOrganization
        case .updateOrganization: \.action.updateOrganization
        case .putMember: \.action.putMember
        case .removeMember: \.action.removeMember
        case .createInvitation: \.action.createInvitation
        case .removeInvitation: \.action.removeInvitation
        case .putRole: \.action.putRole
        case .removeRole: \.action.removeRole
        case .createKey: \.action.createKey
        case .updateKey: \.action.updateKey
        case .revokeKey: \.action.revokeKey
        case .revokeKeys: \.action.revokeKeys
        case .rotateKey: \.action.rotateKey
        case .operatorPutOrganization, .operatorDeleteOrganization: \.action.operatorOrganization
        case .operatorPutMember, .operatorRemoveMember: \.action.operatorMember
        case .operatorRevokeKeys: \.action.operatorRevoke
        case .operatorCreateLink: \.action.operatorLink
        case .verifyKey, .showCaller, .listPermissions, .listSessions, .listOwnOrganizations, .readOrganization,
            .listMembers, .listInvitations, .listRoles, .listAuditEvents, .listKeys, .readKey, .readUsage, .explainKey,
            .lookUpKey, .operatorPutUser, .operatorListOrganizations, .operatorListPlans, .operatorListNodes,
            .startDeviceLogin, .redeemDeviceCode, .applyConfiguration:
            nil
        }
    }
}

extension Console {
    /// An action of the log in the reader's language, or as it is written where it has no words.
    func actionName(_ raw: String, _ visit: Visit) -> String {
        Operation(rawValue: raw)?.words.map { visit.say($0) } ?? raw
    }
}

extension APIKey.Status {
    var words: KeyPath<Catalogue, Text> {
        switch self {
        case .active: \.keys.active
        case .disabled: \.keys.disabled
        case .rotating: \.keys.rotating
        case .expired: \.keys.expired
        case .revoked: \.keys.revoked
        }
    }

    var tone: String {
        switch self {
        case .active: "good"
        case .rotating, .disabled: "warn"
        case .expired: ""
        case .revoked: "bad"
        }
    }
}
