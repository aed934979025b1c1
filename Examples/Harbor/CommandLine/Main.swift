import ArgumentParser
import KeybearerCommands

/// `harbor`: Keybearer's commands under Harbor's name, and Harbor's own.
@main struct Harbor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harbor", abstract: "Harbor, from a terminal or a pipeline.",
        subcommands: [
            Projects.self, Deploy.self, RollBack.self, Builds.self, Logs.self, MetricsCommand.self, Databases.self,
            Billing.self,
        ] + RemoteCommands.all)

    static func main() async {
        await CommandLineKit.main(
            Self.self, brand: Brand(name: "harbor", server: "http://localhost:8088", version: "1.0"))
    }
}
