import ArgumentParser
import KeybearerAPI
import KeybearerClient

extension KeyCommands {
    enum Switch: String, EnumerableFlag {
        case enable, disable

        static func help(for value: Switch) -> ArgumentHelp? {
            value == .enable ? "Let a disabled key work again." : "Refuse the key until it is enabled again."
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change a key; what is not named stays.")
        @Argument(help: "key_…") var id: String
        @Option(help: "Its new name.") var name: String?
        @Option(name: .customLong("permission"), help: "Replaces all permissions; repeatable.")
        var permissions: [String] = []
        @Flag(help: "Take every permission away.") var noPermissions = false
        @Option(name: .customLong("allow-ip"), help: "Replaces all addresses; repeatable.")
        var allowedIPs: [String] = []
        @Flag(help: "Allow every address.") var anyIp = false
        @Option(help: "A span such as 90d, a date, a time, or never.") var expires: ExpiryOrNever?
        @Option(name: .customLong("label"), help: "KEY=VALUE; replaces all labels; repeatable.")
        var labels: [LabelField] = []
        @Flag(help: "Take every label away.") var noLabels = false
        @Flag var state: Switch?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func validate() throws {
            guard permissions.isEmpty || !noPermissions, allowedIPs.isEmpty || !anyIp, labels.isEmpty || !noLabels
            else { throw ValidationError("values and their absence cannot both be asked for") }
        }

        func run() async throws {
            let changes = KeyChanges(
                name: name, permissions: noPermissions ? [] : permissions.nonEmpty,
                allowedIPs: anyIp ? [] : allowedIPs.nonEmpty, expiresAt: expires?.field ?? .absent,
                labels: noLabels ? [] : labels.nonEmpty, enabled: state.map { $0 == .enable })
            let key = try await options.client().updateKey(id, changes)
            output.output.print(key, KeyCommands.fields(key))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "End a key; returns once nothing accepts it any more.")
        @Argument(help: "key_…") var id: String
        @Option(help: "Why, for the audit log.") var reason: String?
        @Flag(help: "End the keys that it made, too.") var cascade = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let revoked = try await options.client().revokeKey(id, reason: reason, cascade: cascade)
            if output.output == .json { Terminal.print(revoked.json.line) }
            try KeyCommands.report(revoked.revocation, "Revoked: \(revoked.apiKey.id)")
        }
    }

    struct RevokeMany: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke-many", abstract: "End every key that fits all that is named.")
        @Option(name: .customLong("id"), help: "key_…; repeatable.") var ids: [String] = []
        @Option(help: "usr_… or key_…, who made them.") var createdBy: String?
        @Option(help: "NAME or NAME=VALUE.") var label: String?
        @Option(help: "Not used since this time (RFC 3339).") var unusedSince: String?
        @Flag(help: "Only show which they are.") var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ConnectionOptions

        func run() async throws {
            let filter = KeyFilter(
                ids: ids.nonEmpty, createdBy: createdBy, label: label, unusedSince: unusedSince)
            let result = try await options.client().revokeKeys(filter, dryRun: dryRun)
            if output.output == .json {
                Terminal.print(result.json.line)
            } else {
                try output.output.print(result.apiKeys, KeyCommands.columns)
            }
            if dryRun { Terminal.note("To be revoked: \(CountedNoun.words(result.apiKeys.count, "key")).") }
            if let revocation = result.revocation {
                try KeyCommands.report(revocation, "Revoked: \(CountedNoun.words(result.apiKeys.count, "key"))")
            }
        }
    }

    /// - Throws: `CommandFailure` where some node may still accept what was revoked.
    fileprivate static func report(_ revocation: RevocationResource, _ sentence: String) throws {
        guard revocation.isComplete else {
            let nodes = revocation.unreachable.joined(separator: ", ")
            throw CommandFailure(
                "\(sentence), but not every node has said so yet (\(nodes)); ask again", status: .unavailable)
        }
        Terminal.note("\(sentence); confirmed by \(revocation.acknowledgedBy.joined(separator: ", ")).")
    }
}

extension Array {
    /// nil where nothing was named.
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
