import Foundation
import HarborAPI
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Harbor: the store, the deployer, the sites and the API, with Keybearer inside.
public struct Platform: Sendable {
    /// Where things are and what is allowed.
    public struct Settings: Sendable {
        /// Holds both databases, releases and the key of stored secrets.
        public var folder: URL
        public var sitesHost: String
        public var sitesPort: Int
        /// What stands after a site's label, such as `localhost:8090`.
        public var sitesDomain: String
        public var sitesScheme: String
        public var repositories: RepositoryRules
        public var limits = DeployLimits()
        /// Where AI keys are used; nil for nowhere.
        public var aiProvider: String?

        public init(
            folder: URL, sitesHost: String, sitesPort: Int, sitesDomain: String, sitesScheme: String = "http",
            repositories: RepositoryRules, aiProvider: String? = nil
        ) {
            self.folder = folder
            self.sitesHost = sitesHost
            self.sitesPort = sitesPort
            self.sitesDomain = sitesDomain
            self.sitesScheme = sitesScheme
            self.repositories = repositories
            self.aiProvider = aiProvider
        }
    }

    let keybearer: Gate
    let store: HarborStore
    let counter: RequestCounter
    let box: SecretBox
    let deployer: Deployer
    let settings: Settings
    let publicURL: String
    private let logger: Logger

    var rules: RepositoryRules { settings.repositories }
    var aiProvider: String? { settings.aiProvider }

    /// - Parameter publicURL: where people reach API and console, without a trailing slash.
    init(_ settings: Settings, publicURL: String, keybearer: Gate, logger: Logger) throws {
        self.settings = settings
        self.publicURL = publicURL
        self.keybearer = keybearer
        self.logger = logger
        store = try HarborStore(path: settings.folder.appendingPathComponent("harbor.sqlite").path)
        counter = RequestCounter(store: store, logger: logger)
        box = try SecretBox(file: settings.folder.appendingPathComponent("secrets.key"))
        deployer = Deployer(
            store: store, rules: settings.repositories, limits: settings.limits, folder: settings.folder,
            logger: logger)
    }

    func siteURL(_ label: String) -> String { "\(settings.sitesScheme)://\(label).\(settings.sitesDomain)" }

    func databaseURL(_ id: String) -> String { "\(publicURL)/data/\(id)" }

    func deploy(_ project: ProjectRow, branch: String, trigger: String, actor: String) async throws -> DeploymentRow {
        let row = try await store.enqueue(project, branch: branch, trigger: trigger, actor: actor)
        deployer.wake()
        return row
    }

    /// `?after=N&wait=SECONDS`: what was written after line N; where there is nothing yet, as soon as there is.
    func output(of id: String, in project: String, _ request: Request) async throws -> Response {
        let after = Int64(try request.number("after", standard: 0, in: 0...Int.max))
        let wait = try request.number("wait", standard: 0, in: 0...20)
        let end = ContinuousClock.now.advanced(by: .seconds(wait))
        while true {
            let row = try await store.deployment(id, of: project)
            let lines = try await store.lines(project: project, deployment: id, after: after, limit: 500)
            if !lines.isEmpty || row.status.isOver || ContinuousClock.now >= end {
                return try answer(BuildOutput(deployment: row.shown, lines: lines))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Harbor's own routes, each behind its permission.
    var router: Router<HarborContext> {
        let router = Router(context: HarborContext.self, options: .autoGenerateHeadEndpoints)
        ProjectEndpoints(platform: self).add(to: router)
        BuildEndpoints(platform: self).add(to: router)
        DatabaseEndpoints(platform: self).add(to: router)
        GitHubEndpoints(platform: self).add(to: router)
        AIKeyEndpoints(platform: self).add(to: router)
        return router
    }

    /// What runs beside the API.
    var services: [any Service] {
        var quiet = logger
        quiet.logLevel = .notice
        let sites = Application(
            responder: SiteResponder(store: store, counter: counter, releases: deployer.releases),
            configuration: .init(address: .hostname(settings.sitesHost, port: settings.sitesPort)), logger: quiet)
        return [counter, deployer, sites]
    }
}
