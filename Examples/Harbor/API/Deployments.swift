public enum DeploymentStatus: String, Codable, Sendable {
    case queued, fetching, building, published, failed

    public var isOver: Bool { self == .published || self == .failed }

    /// How far it has come, of 100.
    public var progress: Int {
        switch self {
        case .queued: 5
        case .fetching: 30
        case .building: 70
        case .published, .failed: 100
        }
    }
}

/// One run from a branch to a published site; its build.
public struct Deployment: Codable, Sendable {
    /// `dep_…`
    public let id: String
    public let project: String
    public let branch: String
    /// nil until it is fetched.
    public let commit: String?
    public let status: DeploymentStatus
    /// `api`, `push` or `rollback`.
    public let trigger: String
    /// The key or person who asked, `github` for a push.
    public let actor: String
    /// Why it failed.
    public let reason: String?
    /// How often it was begun; more than once where the server ended in the middle.
    public let attempts: Int
    public let createdAt: String
    public let finishedAt: String?
    public let milliseconds: Int?

    public init(
        id: String, project: String, branch: String, commit: String?, status: DeploymentStatus, trigger: String,
        actor: String, reason: String?, attempts: Int, createdAt: String, finishedAt: String?, milliseconds: Int?
    ) {
        self.id = id
        self.project = project
        self.branch = branch
        self.commit = commit
        self.status = status
        self.trigger = trigger
        self.actor = actor
        self.reason = reason
        self.attempts = attempts
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.milliseconds = milliseconds
    }
}

public struct NewDeployment: Codable, Sendable {
    public var branch: String?

    public init(branch: String?) { self.branch = branch }
}

/// To which deployment a rollback goes; nil for the one published before.
public struct Rollback: Codable, Sendable {
    public var deployment: String?

    public init(deployment: String?) { self.deployment = deployment }
}

public struct LogLine: Codable, Sendable {
    /// Grows; what `after` takes.
    public let number: Int64
    public let at: String
    /// `build` or `request`.
    public let source: String
    public let text: String

    public init(number: Int64, at: String, source: String, text: String) {
        self.number = number
        self.at = at
        self.source = source
        self.text = text
    }
}

/// What was written since, with the deployment as it is now.
public struct BuildOutput: Codable, Sendable {
    public let deployment: Deployment
    public let lines: [LogLine]

    public init(deployment: Deployment, lines: [LogLine]) {
        self.deployment = deployment
        self.lines = lines
    }
}

public struct LogLines: Codable, Sendable {
    public let data: [LogLine]

    public init(data: [LogLine]) { self.data = data }
}
