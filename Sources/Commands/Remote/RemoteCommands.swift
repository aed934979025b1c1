import ArgumentParser

/// The commands that talk to a server, for mounting: `subcommands: [Deploy.self] + RemoteCommands.all`.
public enum RemoteCommands {
    /// Everything but `audit`, which a program may want to add its own to (`AuditList`).
    public static let withoutAudit: [any ParsableCommand.Type] = [
        Login.self, Logout.self, WhoAmI.self, OrganizationCommands.self, AuthCommands.self, KeyCommands.self,
        MemberCommands.self, RoleCommands.self, VerifyCommand.self, Scan.self, Completions.self,
    ]

    public static let all: [any ParsableCommand.Type] = withoutAudit + [AuditCommands.self]
}

/// `completions`: a script for the shell.
struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print a completion script.",
        discussion: "For bash: source the output. For zsh: write it to _NAME in a folder of $fpath. For fish: write it "
            + "to ~/.config/fish/completions/NAME.fish.")
    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run() throws {
        guard let root = CommandLineKit.rootCommand else { throw CommandFailure("there is no program to complete") }
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Terminal.print(root.completionScript(for: kind))
    }
}
