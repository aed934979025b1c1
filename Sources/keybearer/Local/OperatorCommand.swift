import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerVerification

/// `keybearer operator token`: what the operator's own backend authenticates with.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "The operator's credentials.", subcommands: [Token.self])

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "token", abstract: "Tokens for /v1/operator.",
            subcommands: [Create.self, List.self, Revoke.self])
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a token; it is printed once.")
        @Option(help: "Its name in the audit log.") var name = "operator"
        @Option(help: "Days until it ends; never where left out.") var expires: Int?
        @Option(name: .customLong("allow-ip"), help: "An address or CIDR block it may be used from; repeatable.")
        var allowIP: [String] = []
        @Flag(help: "It may only read.") var readOnly = false
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(
                .operatorPutUser, "operator token create", creating: true)
            let issued = try await administration.createOperatorToken(
                name: name, expiresInDays: expires, allowedIPs: allowIP, isReadOnly: readOnly, permit)
            Terminal.note("Operator token \(issued.token.id), shown this once:")
            Terminal.print(issued.reveal())
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the tokens, without their secrets.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(.operatorPutUser, "operator token list")
            var table = Table(["id", "name", "read_only", "allowed_ips", "created_at", "expires_at", "revoked_at"])
            for token in try await administration.operatorTokens(permit) {
                table.append([
                    .text(token.id.description), .text(token.name), .flag(token.isReadOnly),
                    .list(token.allowedIPs.map(\.description)), .text(token.createdAt.description),
                    .text(token.expiresAt?.description), .text(token.revokedAt?.description),
                ])
            }
            Terminal.print(try table.rendered(output.output))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "End a token; a running server refuses it at once.")
        @Argument(help: "opt_…, as listed.") var id: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(.operatorPutUser, "operator token revoke")
            try await administration.revokeOperatorToken(id, permit)
            Terminal.note("The token \(id) is revoked.")
        }
    }
}
