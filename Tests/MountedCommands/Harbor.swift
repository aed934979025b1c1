import ArgumentParser
import KeybearerCommands

/// Another product's program with the same commands, as `docs/cli.md` shows it.
@main struct Harbor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harbor", abstract: "An invented platform.", subcommands: [Deploy.self] + RemoteCommands.all)

    static func main() async {
        await CommandLineKit.main(
            Self.self, brand: Brand(name: "harbor", server: "http://127.0.0.1:9", version: "2.1"))
    }
}

struct Deploy: AsyncParsableCommand {
    @Option var project: String
    @OptionGroup var options: ConnectionOptions

    func run() async throws {
        let client = try options.client()
        print("deploying \(project) for \(try await client.caller().name)")
    }
}
