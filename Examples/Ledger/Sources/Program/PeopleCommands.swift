import ArgumentParser

struct WorkspaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace", abstract: "Makes a workspace, or changes its name and plan.")

    @OptionGroup var surroundings: Surroundings
    @Argument(help: "Its name in addresses: a-z, 0-9 and hyphens.") var slug: String
    @Option var name: String
    @Option(help: "A plan of the key server.") var plan = "free"

    func run() async throws { try await surroundings.open().put(slug, name: name, plan: plan) }
}

struct MemberCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Makes somebody a member; a new account's password is read from standard input.")

    @OptionGroup var surroundings: Surroundings
    @Argument(help: "The workspace.") var workspace: String
    @Argument var email: String
    @Option var name: String
    @Option(help: "owner, admin or member.") var role = "member"
    @Flag(help: "Read a password's line from standard input.") var passwordStdin = false

    func run() async throws {
        let workspaces = try surroundings.open()
        guard let role = Role(rawValue: role) else { throw ValidationError("--role is owner, admin or member") }
        guard let workspace = try await workspaces.books.workspace(slug: workspace) else {
            throw ValidationError("there is no such workspace")
        }
        let password = passwordStdin ? readLine() : nil
        if let password, password.count < 12 { throw ValidationError("12 characters or more") }
        var hash: String?
        if let password { hash = try await Password.hash(password) }
        try await workspaces.put(email.lowercased(), name: name, role: role, in: workspace, passwordHash: hash)
    }
}
