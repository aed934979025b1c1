import ArgumentParser
import HarborAPI

extension ProjectType: ExpressibleByArgument {}

struct Projects: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The organization's projects.", subcommands: [List.self, Create.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List projects, oldest first.")
        @Option(help: "http, worker or cron.") var type: ProjectType?
        @Option(help: "Counted from 1.") var page = 1
        @Option(help: "Projects on a page, 1 to 100.") var limit = 15
        @OptionGroup var platform: PlatformOptions

        func run() async throws {
            let query = [("type", type?.rawValue), ("page", "\(page)"), ("limit", "\(limit)")]
            let list: Listing<Project> = try await platform.call("GET", ["project"], query: query)
            try platform.show(
                list, rows: list.data,
                [
                    ("id", { $0.id }), ("name", { $0.name }), ("type", { $0.type.rawValue }),
                    ("branch", { $0.branch }), ("release", { $0.outcome.rawValue }),
                    ("commit", { $0.commit.map { String($0.prefix(10)) } }),
                    ("site", { $0.url }),
                ])
            if list.total > list.data.count { platform.note("\(list.data.count) of \(list.total)") }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a project; prints its id.")
        @Option var name: String
        @Option(help: "http, worker or cron; the last two are kept, and nothing runs them.") var type = ProjectType.http
        @Option(help: "https://HOST/PATH, or local:NAME where the server has such.") var repository: String
        @Option(help: "Deployed where none is named; main where left out.") var branch: String?
        @OptionGroup var platform: PlatformOptions

        func run() async throws {
            let new = NewProject(name: name, type: type, repository: repository, branch: branch)
            let project: Project = try await platform.call("POST", ["project"], body: new)
            if platform.isForPrograms { try platform.show(project) } else { platform.say(project.id) }
        }
    }
}
