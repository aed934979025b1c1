/// What a project is for.
public enum ProjectType: String, Codable, Sendable, CaseIterable {
    case http, worker, cron

    /// What becomes of a release.
    public var outcome: ReleaseOutcome { self == .http ? .served : .kept }
}

/// What Harbor does with what was deployed.
public enum ReleaseOutcome: String, Codable, Sendable {
    /// Its pages are a site.
    case served
    /// Its files are kept and can be rolled back to. Nothing runs them: Harbor runs no program of a tenant's.
    case kept
}

/// Something that is deployed from a branch of a repository.
public struct Project: Codable, Sendable {
    /// `prj_…`
    public let id: String
    public let name: String
    public let type: ProjectType
    /// `https://HOST/PATH`, or `local:NAME` below the server's `--repositories`.
    public let repository: String
    /// Deployed where none is named.
    public let branch: String
    /// Where its pages are; nil for what serves none.
    public let url: String?
    /// The deployment that is published.
    public let deployment: String?
    public let commit: String?
    public let createdAt: String
    public let outcome: ReleaseOutcome

    public init(
        id: String, name: String, type: ProjectType, repository: String, branch: String, url: String?,
        deployment: String?, commit: String?, createdAt: String
    ) {
        self.id = id
        self.name = name
        self.type = type
        outcome = type.outcome
        self.repository = repository
        self.branch = branch
        self.url = url
        self.deployment = deployment
        self.commit = commit
        self.createdAt = createdAt
    }
}

public struct NewProject: Codable, Sendable {
    public var name: String
    public var type: ProjectType
    public var repository: String
    public var branch: String?

    public init(name: String, type: ProjectType, repository: String, branch: String? = nil) {
        self.name = name
        self.type = type
        self.repository = repository
        self.branch = branch
    }
}

/// One page of a list; pages are counted from 1.
public struct Listing<Element: Codable & Sendable>: Codable, Sendable {
    public let data: [Element]
    public let page: Int
    public let limit: Int
    /// Of the whole list.
    public let total: Int

    public init(data: [Element], page: Int, limit: Int, total: Int) {
        self.data = data
        self.page = page
        self.limit = limit
        self.total = total
    }
}
