import ArgumentParser
import KeybearerAPI
import KeybearerClient

/// `roles`: named sets of permissions.
public struct RoleCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Roles and what can be granted.",
        subcommands: [List.self, Set.self, Remove.self, Permissions.self])

    public init() {}

    private static let columns: [Column<RoleResource>] = [
        Column("name") { $0.name }, Column("built in") { .flag($0.isBuiltIn) },
        Column("permissions") { .list($0.permissions) },
    ]

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the roles.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            try output.output.print(try await options.client().roles().collect(), RoleCommands.columns)
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Make a role, or replace its permissions.")
        @Argument var name: String
        @Option(name: .customLong("permission"), help: "resource:action or resource/ID:action; repeatable.")
        var permissions: [String] = []
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let role = try await options.client().putRole(name, permissions: permissions)
            output.output.print(
                role, [("name", role.name), ("permissions", role.permissions.joined(separator: " "))])
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a role that nobody has.")
        @Argument var name: String
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            try await options.client().removeRole(name)
            Terminal.note("The role is removed.")
        }
    }

    struct Permissions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "permissions", abstract: "Show what can be granted, and what you hold of it.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let permissions = try await options.client().permissions()
            output.output.print(
                permissions,
                permissions.resources.map { ($0.name, $0.actions.joined(separator: " ")) }
                    + [("you hold", permissions.permissions.joined(separator: " "))])
        }
    }
}
