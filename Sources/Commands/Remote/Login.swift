import ArgumentParser
import Foundation
import KeybearerAPI
import KeybearerClient

/// `login`: a person, by the browser or by e-mail and password.
public struct Login: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Sign in as a person.",
        discussion: "Shows an address and a code: open the address in any browser, on any machine, and approve.")
    @Option(help: "Sign in with this e-mail address and a password, asked for hidden.") var email: String?
    @Flag(help: "Read the password from standard input, one line.") var passwordStdin = false
    @Flag(help: "Do not open a browser, only print the address.") var noBrowser = false
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func run() async throws {
        let connection = try options.resolved(.nobody)
        let client = try connection.client(verbose: options.verbose)
        let token: String
        let expiresAt: String?
        if let email {
            let signedIn = try await client.signIn(email: email, password: try password())
            (token, expiresAt) = (signedIn.token, signedIn.expiresAt)
        } else {
            (token, expiresAt) = (try await DeviceLogin(client: client, opensBrowser: !noBrowser).run(), nil)
        }
        try await save(token, expiresAt: expiresAt, connection, client.server)
    }

    private func password() throws -> String {
        let line = passwordStdin ? Terminal.line() : Terminal.hiddenLine("Password: ")
        guard let line, !line.isEmpty else {
            throw CommandFailure("no password was given: --password-stdin reads one line", status: .usage)
        }
        return line
    }

    private func save(
        _ token: String, expiresAt: String?, _ connection: Connection, _ server: ServerAddress
    ) async throws {
        guard let credential = Credential(token) else { throw CommandFailure("the server sent no session") }
        let client = Client(server, credential: credential)
        let sessions = try await client.sessions().page().data
        let organizations = try await client.organizations().collect(limit: 100)
        let me = try await Client(
            server, credential: credential, organization: organizations.first?.slug
        ).caller()
        try ProfileFile.standard().change { profiles in
            var profile = profiles[connection.profileName]
            profile.url = server.description
            profile.session = token
            profile.sessionExpiresAt = expiresAt ?? sessions.first(where: \.isCurrent)?.expiresAt
            profile.email = me.email
            if !organizations.contains(where: { $0.slug == profile.organization }) {
                profile.organization = organizations.count == 1 ? organizations[0].slug : nil
            }
            profiles[connection.profileName] = profile
            profiles.current = connection.profileName
        }
        Terminal.note("Signed in to \(server.host) as \((me.email ?? me.name).printable).")
        if organizations.count > 1 {
            let slugs = organizations.map(\.slug).joined(separator: ", ")
            Terminal.note("You belong to several organizations; choose with `\(Brand.current.name) org set`: \(slugs)")
        }
    }
}

/// `logout`: ends the session on the server and forgets it here.
public struct Logout: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(commandName: "logout", abstract: "End the saved session.")
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func run() async throws {
        let connection = try options.resolved(.nobody)
        guard let session = connection.profile.session else {
            Terminal.note("Nobody was signed in.")
            return
        }
        if let credential = Credential(session) {
            let client = Client(try connection.server(), credential: credential)
            do throws(ClientError) {
                try await client.endSession()
            } catch {
                guard error.code == "invalid_token" else { throw error }
                Terminal.note("The session had ended already.")
            }
        }
        try ProfileFile.standard().change { profiles in
            profiles[connection.profileName].session = nil
            profiles[connection.profileName].sessionExpiresAt = nil
            profiles[connection.profileName].email = nil
        }
        Terminal.note("Signed out.")
    }
}

/// `whoami`: whom the server takes the caller for.
public struct WhoAmI: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show whom the server takes you for.")
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func run() async throws {
        let me = try await options.client(for: .person).caller()
        output.output.print(
            me,
            [
                ("kind", me.kind), ("id", me.id), ("name", me.name), ("email", me.email),
                ("organization", me.organization?.slug), ("role", me.role),
                ("permissions", me.permissions.joined(separator: " ")),
            ])
    }
}
