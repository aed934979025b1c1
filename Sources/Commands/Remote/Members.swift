import ArgumentParser
import KeybearerAPI
import KeybearerClient

/// `members`: people and invitations.
public struct MemberCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "members", abstract: "The organization's people.",
        subcommands: [List.self, Set.self, Remove.self, Invite.self, Invitations.self, Uninvite.self])

    public init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the members.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            try output.output.print(
                try await options.client().members().collect(),
                [
                    Column("id") { $0.user.id }, Column("email") { $0.user.email }, Column("name") { $0.user.name },
                    Column("role") { $0.role }, Column("grants") { .list($0.grants) },
                    Column("joined") { $0.joinedAt },
                ])
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change a member's role or grants.")
        @Argument(help: "usr_… or the e-mail address.") var member: String
        @Option(help: "The new role.") var role: String?
        @Option(name: .customLong("grant"), help: "A permission beyond the role; replaces all grants; repeatable.")
        var grants: [String] = []
        @Flag(help: "Take every grant away.") var noGrants = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let client = try options.client()
            let changed = try await client.putMember(
                try await client.memberID(member), role: role,
                grants: noGrants ? [] : grants.isEmpty ? nil : grants)
            output.output.print(
                changed,
                [
                    ("id", changed.user.id), ("email", changed.user.email), ("role", changed.role),
                    ("grants", changed.grants.joined(separator: " ")),
                ])
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a member; lists the keys that the person made, which go on working.")
        @Argument(help: "usr_… or the e-mail address.") var member: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let client = try options.client()
            let keys = try await client.removeMember(try await client.memberID(member))
            try output.output.print(keys, KeyCommands.columns)
            Terminal.note(
                "The member is removed; what they made goes on working: \(CountedNoun.words(keys.count, "key")).")
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invite", abstract: "Invite a person; the link is printed once, alone on standard output.")
        @Argument var email: String
        @Option(help: "The role that the person gets.") var role: String
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let invited = try await options.client().invite(email, role: role)
            Terminal.note("\(invited.invitation.id), until \(invited.invitation.expiresAt); hand over this link:")
            try Terminal.print(secret: invited.url)
        }
    }

    struct Invitations: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invitations", abstract: "List the invitations that wait.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            try output.output.print(
                try await options.client().invitations().collect(),
                [
                    Column("id") { $0.id }, Column("email") { $0.email }, Column("role") { $0.role },
                    Column("expires") { $0.expiresAt },
                ])
        }
    }

    struct Uninvite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "uninvite", abstract: "Take an invitation back.")
        @Argument(help: "inv_…") var id: String
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            try await options.client().removeInvitation(id)
            Terminal.note("The invitation does not work any more.")
        }
    }
}

extension Client {
    /// The identifier of a member who may be named by e-mail address.
    fileprivate func memberID(_ text: String) async throws -> String {
        guard text.contains("@") else { return text }
        for try await member in members() where member.user.email == text.lowercased() { return member.user.id }
        throw CommandFailure("nobody with this e-mail address is a member", status: .notFound)
    }
}
