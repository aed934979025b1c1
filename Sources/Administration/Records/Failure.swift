/// Why an operation was not carried out. One type, so that every refusal reads and audits alike.
public struct Failure: Error, Sendable, Hashable {
    public let code: Code
    /// A sentence for a person: what was wrong and the way out. Never repeats input or a secret.
    public let detail: String
    /// The fields at fault, in the order of their checks.
    public let fields: [Field]
    /// Set with `quotaExceeded`.
    public let quota: Quota?
    /// Seconds after which trying again makes sense.
    public let retryAfterSeconds: Int?
    /// Set with `insufficientPermissions`: what the caller would have needed.
    public let lacking: [String]

    public init(
        _ code: Code, _ detail: String, fields: [Field] = [], quota: Quota? = nil, retryAfterSeconds: Int? = nil,
        lacking: [String] = []
    ) {
        self.code = code
        self.detail = detail
        self.fields = fields
        self.quota = quota
        self.retryAfterSeconds = retryAfterSeconds
        self.lacking = lacking
    }

    public struct Field: Sendable, Hashable {
        /// RFC 6901, such as `/allowed_ips/0`.
        public let pointer: String
        public let code: Code
        public let detail: String

        public init(_ pointer: String, _ code: Code, _ detail: String) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    public enum Code: String, Sendable, CaseIterable {
        case notFound = "not_found"
        case missing = "missing"
        case invalidToken = "invalid_token"
        case insufficientPermissions = "insufficient_permissions"
        case ownerRequired = "owner_required"
        case userLoginRequired = "user_login_required"
        case operatorRequired = "operator_required"
        case readOnly = "read_only"
        case notAllowed = "not_allowed"
        case organizationRequired = "organization_required"
        case wrongOrganization = "wrong_organization"
        case organizationSuspended = "organization_suspended"
        case permissionEscalation = "permission_escalation"
        case featureNotAvailable = "feature_not_available"
        case quotaExceeded = "quota_exceeded"
        case organizationLimit = "organization_limit"
        case invalidCredentials = "invalid_credentials"
        case tooManyAttempts = "too_many_attempts"
        case rateLimited = "rate_limited"
        case busy = "busy"
        case lastOwner = "last_owner"
        case roleBuiltIn = "role_built_in"
        case roleInUse = "role_in_use"
        case slugTaken = "slug_taken"
        case emailTaken = "email_taken"
        case emailUnverified = "email_unverified"
        case alreadyMember = "already_member"
        case keyNotActive = "key_not_active"
        case invitationInvalid = "invitation_invalid"
        case deviceCodeInvalid = "device_code_invalid"
        case idempotencyConflict = "idempotency_conflict"
        case idempotencyInProgress = "idempotency_in_progress"
        case preconditionFailed = "precondition_failed"
        case invalidName = "invalid_name"
        case invalidSlug = "invalid_slug"
        case invalidEmail = "invalid_email"
        case invalidPassword = "invalid_password"
        case unknownPermission = "unknown_permission"
        case tooManyPermissions = "too_many_permissions"
        case unknownRole = "unknown_role"
        case unknownPlan = "unknown_plan"
        case invalidIP = "invalid_ip"
        case cidrNotAccepted = "cidr_not_accepted"
        case tooManyIPs = "too_many_ips"
        case invalidExpiry = "invalid_expiry"
        case invalidLabel = "invalid_label"
        case invalidReason = "invalid_reason"
        case invalidOverlap = "invalid_overlap"
        case invalidRateLimit = "invalid_rate_limit"
        case invalidFilter = "invalid_filter"
        case invalidDigest = "invalid_digest"
        case unavailable
        case indeterminate
    }

    public struct Quota: Sendable, Hashable {
        public let activeKeys: Int
        /// nil means unlimited.
        public let limit: Int?
        public let plan: String

        public init(activeKeys: Int, limit: Int?, plan: String) {
            self.activeKeys = activeKeys
            self.limit = limit
            self.plan = plan
        }
    }

    /// The same answer for what does not exist and for what the caller may not see.
    public static let notFound = Failure(.notFound, "There is no such resource, or it is not visible to you.")
}
