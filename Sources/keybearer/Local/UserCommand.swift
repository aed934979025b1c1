import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerVerification

/// `keybearer user`: accounts of people.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts of people.",
        subcommands: [Create.self, List.self, SetPassword.self, Disable.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "create", abstract: "Make an account.")
        @Argument var email: String
        @Option var name: String
        @Flag(help: "Read the password from standard input, one line.") var passwordStdin = false
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let password = try UserCommand.password(fromInput: passwordStdin)
            let (administration, permit) = try await options.local(.operatorPutUser, "user create", creating: true)
            let user = try await administration.createUser(email: email, name: name, password: password, permit)
            Terminal.print(user.id.description)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(.operatorPutUser, "user list")
            var table = Table(["id", "email", "name", "verified", "disabled"])
            var after: UserID?
            repeat {
                let page = try await administration.users(Page(after: after, limit: 500), permit)
                for user in page {
                    table.append([
                        .text(user.id.description), .text(user.email.description), .text(user.name),
                        .flag(user.isVerified), .flag(user.isDisabled),
                    ])
                }
                after = page.count == 500 ? page.last?.id : nil
            } while after != nil
            Terminal.print(try table.rendered(output.output))
        }
    }

    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password", abstract: "Set a password and end every session of the account.")
        @Argument var email: String
        @Flag(help: "Read the password from standard input, one line.") var passwordStdin = false
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            guard let password = try UserCommand.password(fromInput: passwordStdin, isRequired: true) else {
                throw CommandFailure("a password is needed", status: .usage)
            }
            let (administration, permit) = try await options.local(.operatorPutUser, "user set-password")
            try await administration.setPassword(email: email, password: password, permit)
            Terminal.note("The password is set; every session of \(email) has ended.")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Shut an account and end its sessions.")
        @Argument var email: String
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let (administration, permit) = try await options.local(.operatorPutUser, "user disable")
            _ = try await administration.operatorPutUser(email, isVerified: nil, isDisabled: true, permit)
            Terminal.note("The account \(email) is disabled.")
        }
    }

    /// Asks whoever sits at a terminal, hidden, or reads one line; nil where none is given and none is needed.
    private static func password(fromInput: Bool, isRequired: Bool = false) throws -> String? {
        let line = fromInput ? Terminal.line() : Terminal.hiddenLine("Password: ")
        guard let line, !line.isEmpty else {
            if fromInput || isRequired {
                throw CommandFailure("no password was given: --password-stdin reads one line", status: .usage)
            }
            return nil
        }
        return line
    }
}
