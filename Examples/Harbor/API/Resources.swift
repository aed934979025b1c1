/// A key-value store with a credential of its own.
public struct Database: Codable, Sendable {
    /// `dat_…`
    public let id: String
    public let name: String
    /// Where its entries are: `URL/KEY`, with the credential as HTTP Basic's password.
    public let url: String
    public let entries: Int
    public let createdAt: String
    public let rotatedAt: String?

    public init(id: String, name: String, url: String, entries: Int, createdAt: String, rotatedAt: String?) {
        self.id = id
        self.name = name
        self.url = url
        self.entries = entries
        self.createdAt = createdAt
        self.rotatedAt = rotatedAt
    }
}

/// A database with its new credential, shown this once.
public struct DatabaseCredential: Codable, Sendable {
    public let database: Database
    public let credential: String

    public init(database: Database, credential: String) {
        self.database = database
        self.credential = credential
    }
}

public struct NewName: Codable, Sendable {
    public var name: String

    public init(name: String) { self.name = name }
}

/// A repository on GitHub whose pushes deploy a project.
public struct Connection: Codable, Sendable {
    public let project: String
    /// `OWNER/NAME`
    public let repository: String
    /// Where GitHub sends its pushes to.
    public let webhook: String
    public let deliveries: Int
    public let createdAt: String
    /// Shown once, when it is made.
    public let secret: String?

    public init(
        project: String, repository: String, webhook: String, deliveries: Int, createdAt: String, secret: String?
    ) {
        self.project = project
        self.repository = repository
        self.webhook = webhook
        self.deliveries = deliveries
        self.createdAt = createdAt
        self.secret = secret
    }
}

public struct NewConnection: Codable, Sendable {
    public var repository: String

    public init(repository: String) { self.repository = repository }
}

/// A key of an AI provider, kept encrypted; nothing shows it again.
public struct AIKey: Codable, Sendable {
    /// `aik_…`
    public let id: String
    public let name: String
    public let uses: Int
    public let createdAt: String

    public init(id: String, name: String, uses: Int, createdAt: String) {
        self.id = id
        self.name = name
        self.uses = uses
        self.createdAt = createdAt
    }
}

public struct NewAIKey: Codable, Sendable {
    public var name: String
    public var key: String

    public init(name: String, key: String) {
        self.name = name
        self.key = key
    }
}

public struct Prompt: Codable, Sendable {
    public var prompt: String

    public init(prompt: String) { self.prompt = prompt }
}

/// What the provider answered.
public struct Completion: Codable, Sendable {
    public let status: Int
    public let text: String

    public init(status: Int, text: String) {
        self.status = status
        self.text = text
    }
}

public struct Items<Element: Codable & Sendable>: Codable, Sendable {
    public let data: [Element]

    public init(data: [Element]) { self.data = data }
}
