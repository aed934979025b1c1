import ArgumentParser
import KeybearerCommands

/// `keybearer settings`: the page `docs/configuration.md`, from the table that the program itself reads.
struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "Print every setting as a Markdown page.")

    func run() throws { Terminal.print(Setting.documentation) }
}
