import ArgumentParser

/// The program: `ledger COMMAND`.
@main
struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Invoices for many workspaces; an example of an API behind Keybearer.",
        subcommands: [Serve.self, WorkspaceCommand.self, MemberCommand.self, Demonstration.self])
}
