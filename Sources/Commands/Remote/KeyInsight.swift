import ArgumentParser
import KeybearerAPI
import KeybearerClient

extension KeyCommands {
    struct Usage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "usage", abstract: "Show what a key was used for.")
        @Argument(help: "key_…") var id: String
        @Option(help: "From this time on (RFC 3339).") var from: String?
        @Option(help: "Up to this time (RFC 3339).") var to: String?
        @Option(help: "hour or day.") var granularity: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let usage = try await options.client().usage(id, from: from, to: to, granularity: granularity)
            guard output.output == .table else {
                Terminal.print(usage.json.line)
                return
            }
            let last = usage.lastUsedAt.map { "\($0) from \(usage.lastUsedIP ?? "?")" } ?? "never"
            output.output.print(
                usage,
                [("from", usage.from), ("to", usage.to), ("last used", last)]
                    + usage.totals.map { ($0.code, String($0.count)) })
            try output.output.print(
                usage.permissions,
                [Column("permission") { $0.permission }, Column("last used") { $0.lastUsedAt ?? "never" }])
            guard !usage.denials.isEmpty else { return }
            try output.output.print(
                usage.denials,
                [
                    Column("denied at") { $0.at }, Column("code") { $0.code }, Column("ip") { $0.ip },
                    Column("permission") { $0.permission },
                ])
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Show why a call with a key would be let through or refused; counts nothing.")
        @Argument(help: "key_…") var id: String
        @Option(help: "The permission that the call needs.") var permission: String?
        @Option(help: "The client's address.") var ip: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let explanation = try await options.client().explain(id, permission: permission, ip: ip)
            guard output.output == .table else {
                Terminal.print(explanation.json.line)
                return
            }
            try output.output.print(
                explanation.checks,
                [
                    Column("check") { $0.name }, Column("passed") { .flag($0.passed) },
                    Column("decides") { $0.decides ? "*" : nil }, Column("detail") { $0.detail },
                ])
            Terminal.print("verdict: \(explanation.code)")
        }
    }
}

/// `verify`: may this key do this?
public struct VerifyCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Ask whether a key may do something; counts like any use of it.")
    @Argument(help: "The key; - reads it from standard input.") var key: String
    @Option(help: "The permission that the call needs.") var permission: String?
    @Option(help: "The client's address.") var ip: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: ConnectionOptions

    public init() {}

    public func run() async throws {
        let client = try options.client(for: .nobody)
        if key != "-" { SecretInput.warnOfFlag("an argument") }
        let text = try SecretInput.read(key, named: "verify")
        let answer = try await client.verify(VerifyQuestion(.key(text), permission: permission, ip: ip))
        output.output.print(
            answer,
            [
                ("verdict", answer.code), ("key", answer.apiKey?.id), ("name", answer.apiKey?.name),
                ("organization", answer.organization?.slug),
                ("rate limit", answer.rateLimit.map { "\($0.remaining) of \($0.limit) left" }),
            ])
        guard !answer.isValid else { return }
        throw CommandFailure("", status: ExitStatus(verdict: answer.code))
    }
}

extension ExitStatus {
    /// What a refused key comes to.
    fileprivate init(verdict: String) {
        switch verdict {
        case "rate_limited", "unavailable": self = .unavailable
        case "ip_not_allowed", "insufficient_permissions", "organization_suspended": self = .forbidden
        default: self = .notAuthenticated
        }
    }
}
