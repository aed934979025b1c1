import ArgumentParser
import Foundation
import HarborAPI

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deploy a branch, and show its build until it is published or has failed.")
    @Option(help: "prj_…") var project: String
    @Option(help: "The project's own where left out.") var branch: String?
    @Flag(help: "Do not wait for the end.") var detach = false
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        let path = ["project", project, "deployment"]
        var deployment: Deployment = try await platform.call("POST", path, body: NewDeployment(branch: branch))
        if !detach { deployment = try await follow(deployment) }
        if platform.isForPrograms {
            try platform.show(deployment)
        } else {
            platform.say("\(deployment.id) \(deployment.status.rawValue) \(deployment.commit ?? "")")
        }
        if deployment.status == .failed {
            throw platform.failure("the build failed: \(deployment.reason ?? "no reason is known")")
        }
    }

    /// Takes the progress away from the line that a line of output needs; nothing where nobody watches.
    private static let freshLine = isatty(STDERR_FILENO) == 1 ? "\r\u{1b}[K" : ""

    /// Lines as they come, each call answered as soon as there is one.
    private func follow(_ begun: Deployment) async throws -> Deployment {
        let progress = platform.progress("deploying")
        var last: Int64 = 0
        while true {
            let output: BuildOutput = try await platform.call(
                "GET", ["project", project, "deployment", begun.id], query: [("after", "\(last)"), ("wait", "10")])
            for line in output.lines { platform.note("\(Self.freshLine)  \(line.text)") }
            last = output.lines.last?.number ?? last
            progress(output.deployment.status.progress)
            if output.deployment.status.isOver, output.lines.isEmpty { return output.deployment }
        }
    }
}

struct RollBack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Publish an earlier deployment again, at once.")
    @Option(help: "prj_…") var project: String
    @Option(help: "dep_…; the one before where left out.") var to: String?
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        let deployment: Deployment = try await platform.call(
            "POST", ["project", project, "rollback"], body: Rollback(deployment: to))
        if platform.isForPrograms {
            try platform.show(deployment)
        } else {
            platform.say("\(deployment.id) \(deployment.status.rawValue) \(deployment.commit ?? "")")
        }
    }
}

struct Builds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List builds, newest first, or show one's output.")
    @Argument(help: "dep_…, to show its output.") var build: String?
    @Option(help: "prj_…") var project: String?
    @Option(help: "Counted from 1.") var page = 1
    @Option(help: "Builds on a page, 1 to 100.") var limit = 15
    @OptionGroup var platform: PlatformOptions

    func run() async throws {
        if let build {
            let output: BuildOutput = try await platform.call("GET", ["build", build])
            guard !platform.isForPrograms else { return try platform.show(output) }
            for line in output.lines { platform.say("\(line.at)  \(line.text)") }
            return
        }
        let query = [("project", project), ("page", "\(page)"), ("limit", "\(limit)")]
        let list: Listing<Deployment> = try await platform.call("GET", ["build"], query: query)
        try platform.show(
            list, rows: list.data,
            [
                ("id", { $0.id }), ("project", { $0.project }), ("branch", { $0.branch }),
                ("commit", { $0.commit.map { String($0.prefix(10)) } }), ("status", { $0.status.rawValue }),
                ("by", { $0.actor }), ("ms", { $0.milliseconds.map { "\($0)" } }), ("reason", { $0.reason }),
            ])
    }
}
