import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import KeybearerVerification

/// `keybearer pepper apply`: stores existing digests under the pepper that was configured since.
struct PepperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pepper", abstract: "The secret under which digests are stored.", subcommands: [Apply.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply", abstract: "Store digests without a pepper under the current one.")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            _ = try options.unservedPath("pepper apply", instead: "stop it, apply the pepper, start it again")
            let configuration = try options.load()
            guard configuration.rules.peppers.isConfigured else {
                throw CommandFailure("keys.pepper is not set: name a pepper in the configuration first")
            }
            let node = try await options.open()
            let count = try await node.store.applyPepper(configuration.rules.peppers)
            Terminal.note("\(count) digests are now stored under the pepper.")
        }
    }
}
