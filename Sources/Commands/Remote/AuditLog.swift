import ArgumentParser
import KeybearerAPI
import KeybearerClient

/// `audit`, for programs that have nothing of their own to add to it.
public struct AuditCommands: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The organization's audit log.", subcommands: [AuditList.self])

    public init() {}
}

/// `audit list`: what was changed, by whom.
public struct AuditList: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the organization's events, newest first; asks the server.")
    @Option(help: "Only this action, such as api_key.revoke.") var action: String?
    @Option(help: "Only this actor, such as user:usr_….") var actor: String?
    @Option(help: "From this time on (RFC 3339).") var from: String?
    @Option(help: "Up to this time (RFC 3339).") var to: String?
    @Option(help: "At most so many.") var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func run() async throws {
        let events = try await options.client().auditEvents(
            action: action, actor: actor, from: from, to: to, pageSize: min(limit, 100)
        ).collect(limit: limit)
        try output.output.print(
            events,
            [
                Column("at") { $0.at }, Column("actor") { $0.actor }, Column("action") { $0.action },
                Column("target") { $0.target }, Column("outcome") { $0.outcome }, Column("ip") { $0.ip },
                Column("count") { String($0.count) },
            ])
    }
}
