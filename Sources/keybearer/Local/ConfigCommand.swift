import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerControlPlane
import KeybearerStore

/// `keybearer config apply`: puts a changed configuration in force on every node of a PostgreSQL.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "What nodes that share a PostgreSQL decide by.", subcommands: [Apply.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply",
            abstract: "Put this configuration's plans, roles and permissions in force; restart every node with it.")
        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            let settings = try options.load()
            guard settings.database.path == nil else {
                throw CommandFailure("config apply is for PostgreSQL: with SQLite, restart the server")
            }
            let node = try await options.open()
            guard case .postgreSQL(let database) = node.database else { return }
            let before = try await database.configurationInForce()
            let running = try await node.nodes().filter(\.isLive).map(\.name)
            let permit = try await node.administration.localPermit(.applyConfiguration, command: "config apply")
            let barrier = try await node.administration.applyConfiguration(settings.digest, permit)
            guard barrier.completedBy != nil else {
                throw CommandFailure(
                    "the configuration is applied, but not every node has answered: run this again",
                    status: .unavailable)
            }
            Terminal.note("Configuration \(settings.digest.name) is in force.")
            guard before != settings.digest, before != nil, !running.isEmpty else { return }
            Terminal.note(
                "These nodes decide nothing until they are restarted with it: \(running.joined(separator: ", ")).")
        }
    }
}
