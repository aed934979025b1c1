import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerVerification

/// `keybearer organization`.
struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization", abstract: "Organizations.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make an organization and its first owner.")
        @Argument var slug: String
        @Option var name: String
        @Option var plan: String
        @Option(help: "The e-mail address of an account; made by `keybearer user create`.") var owner: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(.operatorPutOrganization, "organization create")
            let view = try await administration.createOrganization(
                slug: slug, name: name, plan: plan, owner: owner, permit)
            Terminal.print(view.organization.id.description)
        }
    }
}
