import ArgumentParser
import KeybearerAPI
import KeybearerClient
import KeybearerVerification

/// `auth`: what is saved of credentials.
public struct AuthCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "auth", abstract: "Saved credentials.",
        subcommands: [SaveKey.self, Status.self, Forget.self])

    public init() {}

    struct SaveKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "api-key", abstract: "Save an API key for later commands, in a file that only you can read.")
        @Option(help: "The key; - reads it from standard input, or asks for it hidden.") var key = "-"
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let connection = try options.resolved(.nobody)
            if key != "-" { SecretInput.warnOfFlag("--key") }
            let text = try SecretInput.read(key, named: "--key")
            guard Credential(text) != nil else { throw CommandFailure("this is not an API key", status: .usage) }
            try ProfileFile.standard().change { profiles in
                profiles[connection.profileName].apiKey = text
                profiles[connection.profileName].url = connection.url ?? profiles[connection.profileName].url
                if options.profile != nil { profiles.current = connection.profileName }
            }
            Terminal.note("Saved \(KeyPreview.of(text)) in the profile \(connection.profileName).")
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status", abstract: "Show which credential would be used, and for which server; asks nobody.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() throws {
            let connection = try options.resolved(.anyone)
            let status = AuthStatus(connection)
            output.output.print(status, status.fields)
            if connection.credential == nil { throw connection.missingCredential }
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logout", abstract: "Forget the saved API key; it goes on working until it is revoked.")
        @OptionGroup var options: ConnectionOptions

        func run() throws {
            let connection = try options.resolved(.nobody)
            try ProfileFile.standard().change { $0[connection.profileName].apiKey = nil }
            Terminal.note("The API key of the profile \(connection.profileName) is forgotten here.")
        }
    }
}

/// What `auth status` tells.
private struct AuthStatus: Resource {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    var fields: [(name: String, value: String?)] {
        let credential = connection.credential
        return [
            ("server", connection.url), ("profile", connection.profileName),
            ("organization", connection.organization), ("credential", credential?.source ?? "none"),
            ("api key", credential.flatMap { $0.isKey ? KeyPreview.of($0.text) : nil }),
            ("person", credential?.isKey == false ? connection.profile.email : nil),
            ("expires", credential?.isKey == false ? connection.profile.sessionExpiresAt : nil),
        ]
    }

    var json: JSON {
        .object(
            JSONObject(
                fields.map { field in
                    (field.name.replacing(" ", with: "_"), JSON(field.value))
                }))
    }
}

/// Tells keys apart and helps nobody to guess one.
enum KeyPreview {
    static func of(_ text: String) -> String {
        guard let underscore = text.lastIndex(of: "_"), let format = KeyFormat(prefix: String(text[..<underscore]))
        else { return "…" }
        return format.preview(of: Array(text.utf8))
    }
}
