import ArgumentParser
import HarborAPI

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What a project's builds and requests wrote.")
    @Option(help: "prj_…") var project: String
    @Option(help: "Lines, 1 to 1000.") var limit = 500
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        let lines: LogLines = try await platform.call(
            "GET", ["project", project, "log"], query: [("limit", "\(limit)")])
        guard !platform.isForPrograms else { return try platform.show(lines) }
        for line in lines.data { platform.say("\(line.at)  \(line.source)  \(line.text)") }
    }
}

struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "metrics", abstract: "Requests to a project's site.")
    @Option(help: "prj_…") var project: String
    @Option(help: "How far back, 1 to 744.") var hours = 24
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        let metrics: Metrics = try await platform.call(
            "GET", ["project", project, "metric"], query: [("hours", "\(hours)")])
        try platform.show(
            metrics, rows: metrics.hours,
            [
                ("hour", { $0.hour }), ("requests", { "\($0.requests)" }), ("errors", { "\($0.errors)" }),
                ("bytes", { "\($0.bytes)" }),
            ])
    }
}

struct Billing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What a month comes to.")
    @Option(help: "YYYY-MM; this one where left out.") var month: String?
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        let bill: Bill = try await platform.call("GET", ["billing"], query: [("month", month)])
        try platform.show(
            bill, rows: bill.lines,
            [
                ("item", { $0.item }), ("quantity", { "\($0.quantity)" }), ("unit", { $0.unit }),
                ("cents", { "\($0.millicents / 1000)" }),
            ])
    }
}

struct Databases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The organization's databases.", subcommands: [List.self, Create.self, Rotate.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List databases.")
        @OptionGroup var platform: PlatformOptions

        func run() async throws {
            let list: Items<Database> = try await platform.call("GET", ["database"])
            try platform.show(
                list, rows: list.data,
                [
                    ("id", { $0.id }), ("name", { $0.name }), ("entries", { "\($0.entries)" }), ("url", { $0.url }),
                    ("rotated", { $0.rotatedAt }),
                ])
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a database; prints its credential, this once.")
        @Option var name: String
        @OptionGroup var platform: PlatformOptions

        func run() async throws {
            let made: DatabaseCredential = try await platform.call("POST", ["database"], body: NewName(name: name))
            platform.note("\(made.database.id) at \(made.database.url)")
            try platform.show(secret: made.credential)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a database's credential; prints the new one, this once. The old one ends at once.")
        @Argument(help: "dat_…") var database: String
        @OptionGroup var platform: PlatformOptions

        func run() async throws {
            let made: DatabaseCredential = try await platform.call("POST", ["database", database, "rotate"])
            try platform.show(secret: made.credential)
        }
    }
}
