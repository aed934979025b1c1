import ArgumentParser
import KeybearerAPI
import KeybearerClient

/// `keys`: the organization's API keys.
public struct KeyCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The organization's API keys.",
        subcommands: [
            List.self, Show.self, Create.self, Update.self, Revoke.self, RevokeMany.self, Rotate.self, Usage.self,
            Explain.self,
        ])

    public init() {}

    static let columns: [Column<APIKeyResource>] = [
        Column("id") { $0.id }, Column("name") { $0.name }, Column("preview") { $0.preview },
        Column("status") { $0.status }, Column("expires") { $0.expiresAt }, Column("last used") { $0.lastUsedAt },
        Column("permissions") { .list($0.permissions) },
    ]

    static func fields(_ key: APIKeyResource) -> [(name: String, value: String?)] {
        [
            ("id", key.id), ("name", key.name), ("preview", key.preview), ("status", key.status),
            ("permissions", key.permissions.isEmpty ? "none" : key.permissions.joined(separator: " ")),
            ("addresses", key.allowedIPs.isEmpty ? "any" : key.allowedIPs.joined(separator: " ")),
            ("created", "\(key.createdAt) by \(key.createdBy.name)"), ("expires", key.expiresAt ?? "never"),
            ("last used", key.lastUsedAt.map { "\($0) from \(key.lastUsedIP ?? "?")" } ?? "never"),
            ("revoked", key.revokedAt.map { "\($0) by \(key.revokedBy ?? "?")" }), ("reason", key.revokeReason),
            ("rotated from", key.rotatedFrom), ("successor", key.successor),
            ("labels", key.labels.map { "\($0.key)=\($0.value)" }.joined(separator: " ")),
        ]
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List keys, newest first.")
        @Option(help: "active, expired, revoked or all.") var status: KeyStatusFilter = .active
        @Option(help: "At most so many.") var limit: Int?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let keys = try await options.client().keys(status).collect(limit: limit ?? .max)
            try output.output.print(keys, KeyCommands.columns)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one key.")
        @Argument(help: "key_…") var id: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let key = try await options.client().key(id)
            output.output.print(key, KeyCommands.fields(key))
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a key; it is printed once, alone on standard output.")
        @Option(help: "Its name.") var name: String
        @Option(name: .customLong("permission"), help: "resource:action or resource/ID:action; repeatable.")
        var permissions: [String] = []
        @Option(name: .customLong("allow-ip"), help: "An address it may be used from; repeatable.")
        var allowedIPs: [String] = []
        @Option(help: "A span such as 90d or 12h, a date, or a time (RFC 3339).") var expires: Expiry?
        @Option(name: .customLong("label"), help: "KEY=VALUE; repeatable.") var labels: [LabelField] = []
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let issued = try await options.client().createKey(
                NewKey(
                    name: name, permissions: permissions, allowedIPs: allowedIPs, expiresAt: expires?.time,
                    labels: labels))
            try KeyCommands.print(issued, output.output)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Make a key's successor; it is printed once, and the old one goes on for the overlap.")
        @Argument(help: "key_…") var id: String
        @Option(help: "How long the old key goes on, such as 24h or 30m; a day where left out, 0s for not at all.")
        var overlap: Span?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let issued = try await options.client().rotateKey(id, overlapSeconds: overlap?.seconds)
            try KeyCommands.print(issued, output.output)
        }
    }

    private static func print(_ issued: Client.IssuedKey, _ format: OutputFormat) throws {
        switch format {
        case .json:
            try Terminal.print(
                secret: CreatedKeyResource(keyText: issued.text, apiKey: issued.key).json.line)
        case .table:
            Terminal.note("\(issued.key.id) \(issued.key.name.printable), shown this once:")
            try Terminal.print(secret: issued.text)
        }
    }
}

extension KeyStatusFilter: ExpressibleByArgument {}
