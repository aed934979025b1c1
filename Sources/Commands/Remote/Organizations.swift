import ArgumentParser
import KeybearerAPI
import KeybearerClient

/// `org`: the organizations of a person.
public struct OrganizationCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "org", abstract: "Your organizations; needs a person's login.",
        subcommands: [List.self, Set.self, Show.self])

    public init() {}

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the organizations that you belong to.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let chosen = try options.resolved(.person).organization
            let organizations = try await options.client(for: .person).organizations().collect()
            try output.output.print(
                organizations,
                [
                    Column("slug") { $0.slug }, Column("name") { $0.name }, Column("plan") { $0.plan },
                    Column("chosen") { $0.slug == chosen || $0.id == chosen ? "*" : nil },
                ])
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Choose the organization that commands act for.",
            discussion: "An API key needs none: it belongs to its organization.")
        @Argument(help: "Its slug.") var slug: String
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let organizations = try await options.client(for: .person).organizations().collect()
            guard let organization = organizations.first(where: { $0.slug == slug || $0.id == slug }) else {
                throw CommandFailure("you belong to no organization of that name", status: .notFound)
            }
            let profile = try options.resolved(.person).profileName
            try ProfileFile.standard().change { $0[profile].organization = organization.slug }
            Terminal.note("Commands act for \(organization.slug) now.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the organization: plan, quota, features.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let organization = try await options.client().currentOrganization()
            let limit = organization.quota.limit.map(String.init) ?? "unlimited"
            output.output.print(
                organization,
                [
                    ("id", organization.id), ("slug", organization.slug), ("name", organization.name),
                    ("plan", organization.plan), ("keys", "\(organization.quota.activeKeys) of \(limit)"),
                    ("features", organization.features.joined(separator: " ")),
                    ("suspended", organization.isSuspended ? "yes" : nil),
                ])
        }
    }
}
