/// The proof of a revocation: which nodes can no longer accept the key.
public struct RevocationResource: Resource {
    public let revision: Int64
    public let acknowledgedBy: [String]
    public let unreachable: [String]
    /// `acknowledgement` or `time`; nil where the caller's deadline ended the wait first.
    public let completedBy: String?

    public init(revision: Int64, acknowledgedBy: [String], unreachable: [String], completedBy: String?) {
        self.revision = revision
        self.acknowledgedBy = acknowledgedBy
        self.unreachable = unreachable
        self.completedBy = completedBy
    }

    public var isComplete: Bool { completedBy != nil }

    public var json: JSON {
        [
            "revision": .integer(revision), "acknowledged_by": JSON(acknowledgedBy),
            "unreachable": JSON(unreachable), "complete": .bool(isComplete), "completed_by": JSON(completedBy),
        ]
    }
}

/// The answer to revoking one key.
public struct RevokedKeyResource: Resource {
    public let apiKey: APIKeyResource
    public let revocation: RevocationResource

    public init(apiKey: APIKeyResource, revocation: RevocationResource) {
        self.apiKey = apiKey
        self.revocation = revocation
    }

    public var json: JSON { ["api_key": apiKey.json, "revocation": revocation.json] }
}

/// The answer to revoking many keys, or to asking which they would be.
public struct BulkRevocationResource: Resource {
    public let apiKeys: [APIKeyResource]
    /// nil after a dry run and where no key matched.
    public let revocation: RevocationResource?
    public let isDryRun: Bool

    public init(apiKeys: [APIKeyResource], revocation: RevocationResource?, isDryRun: Bool) {
        self.apiKeys = apiKeys
        self.revocation = revocation
        self.isDryRun = isDryRun
    }

    public var json: JSON {
        [
            "api_keys": .array(apiKeys.map(\.json)), "revocation": revocation?.json ?? .null,
            "dry_run": .bool(isDryRun),
        ]
    }
}
