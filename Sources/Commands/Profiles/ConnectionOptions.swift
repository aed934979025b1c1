import ArgumentParser
import Foundation
import KeybearerClient
import KeybearerVerification

/// What every command takes that talks to a server; a product's own commands take it too.
public struct ConnectionOptions: ParsableArguments {
    @Option(help: "The server, such as https://keys.example.com.") public var url: String?
    @Option(help: "The saved profile to use.") public var profile: String?
    @Option(name: .customLong("org"), help: "The organization's slug, for people who belong to several.")
    public var organization: String?
    @Option(
        name: .customLong("api-key"),
        help: "An API key. Other processes can see it: prefer the environment, --api-key-file or a saved one.")
    public var apiKey: String?
    @Option(name: .customLong("api-key-file"), help: "A file that holds an API key; - is standard input.")
    public var apiKeyFile: String?
    @Flag(help: "Say on standard error what is asked of the server.") public var verbose = false
    @Flag(name: .shortAndLong, help: "No notes on standard error, only errors.") public var quiet = false

    public init() {}

    /// Whose credential a command wants.
    public enum Purpose: Sendable {
        /// An API key or a person's session, the key first.
        case anyone
        /// A person's own affairs: the session first. A key named on purpose is still sent, and refused by the server.
        case person
        /// None.
        case nobody
    }

    /// The client for a command.
    ///
    /// - Throws: `CommandFailure` with `notAuthenticated` where there is no credential, `usage` where there is no
    ///   server or what is given contradicts itself.
    public func client(for purpose: Purpose = .anyone) throws -> Client {
        let connection = try resolved(purpose)
        if purpose != .nobody, connection.credential == nil { throw connection.missingCredential }
        return try connection.client(verbose: verbose)
    }

    /// Everything that decides where a command goes and as whom, from flags, environment and profile in this order.
    func resolved(_ purpose: Purpose) throws -> Connection {
        Terminal.isQuiet = quiet
        let brand = Brand.current
        let file = try ProfileFile.standard()
        let profiles = try file.read()
        let name = profile ?? brand.environment("PROFILE") ?? profiles.current
        let saved = profiles[name]
        var connection = Connection(profileName: name, profile: saved)
        connection.url = url ?? brand.environment("URL") ?? saved.url ?? brand.server
        connection.organization = organization ?? brand.environment("ORGANIZATION") ?? saved.organization
        if purpose != .nobody { connection.credential = try credential(purpose, saved, brand) }
        // A key knows its organization; the one that a person chose is not meant for it.
        if connection.credential?.isKey == true, organization == nil, brand.environment("ORGANIZATION") == nil {
            connection.organization = nil
        }
        return connection
    }

    private func credential(
        _ purpose: Purpose, _ saved: Profile, _ brand: Brand
    ) throws -> Connection.FoundCredential? {
        guard apiKey == nil || apiKeyFile == nil else {
            throw CommandFailure("give --api-key or --api-key-file, not both", status: .usage)
        }
        if let apiKey {
            if apiKey != "-" { SecretInput.warnOfFlag("--api-key") }
            return Connection.FoundCredential(
                text: try SecretInput.read(apiKey, named: "--api-key"), source: "--api-key", isKey: true)
        }
        if let apiKeyFile {
            return Connection.FoundCredential(
                text: try SecretInput.read(file: apiKeyFile), source: "--api-key-file", isKey: true)
        }
        if let text = brand.environment("API_KEY") {
            return Connection.FoundCredential(
                text: text, source: brand.environmentPrefix + "API_KEY", isKey: true)
        }
        let key = saved.apiKey.map { Connection.FoundCredential(text: $0, source: "saved API key", isKey: true) }
        let session = saved.session.map {
            Connection.FoundCredential(text: $0, source: "saved session", isKey: false)
        }
        return purpose == .person ? session ?? key : key ?? session
    }
}

/// Where a command goes, and as whom.
struct Connection: Sendable {
    struct FoundCredential: Sendable {
        let text: String
        /// In words, for `auth status`.
        let source: String
        let isKey: Bool
    }

    let profileName: String
    let profile: Profile
    var url: String?
    var organization: String?
    var credential: FoundCredential?

    init(profileName: String, profile: Profile) {
        self.profileName = profileName
        self.profile = profile
    }

    func server() throws -> ServerAddress {
        let brand = Brand.current
        guard let url else {
            throw CommandFailure(
                "which server? Name it with --url or \(brand.environmentPrefix)URL, or sign in once with --url",
                status: .usage)
        }
        guard let server = ServerAddress(url) else { throw ClientError.invalidURL }
        return server
    }

    func client(verbose: Bool) throws -> Client {
        let server = try server()
        var shown: Credential?
        if let credential {
            shown = Credential(credential.text)
            guard shown != nil else {
                throw CommandFailure(
                    "the credential (\(credential.source)) has characters that none has", status: .usage)
            }
            if server.isCleartext {
                Terminal.note(
                    "\(Brand.current.name): warning: \(server.host) is spoken to without TLS, and others can read along"
                )
            }
        }
        let brand = Brand.current
        var client = Client(
            server, credential: shown, organization: organization,
            options: ClientOptions(userAgent: "\(brand.name)/\(brand.version)"))
        if verbose { client.trace = { Terminal.error($0) } }
        return client
    }

    var missingCredential: CommandFailure {
        let brand = Brand.current
        return CommandFailure(
            "nobody is signed in: set \(brand.environmentPrefix)API_KEY, or run `\(brand.name) login`",
            status: .notAuthenticated)
    }
}
