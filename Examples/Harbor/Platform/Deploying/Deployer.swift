import Foundation
import HarborAPI
import Logging
import ServiceLifecycle
import Synchronization

/// Works off the queue of deployments, several at once and one of a project at a time. The queue is the database: what
/// a process that is gone had begun is begun again at the next start.
final class Deployer: Service {
    private let store: HarborStore
    private let rules: RepositoryRules
    private let limits: DeployLimits
    private let work: URL
    let releases: URL
    private let logger: Logger
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    /// How many more may be worked on.
    private let places: Mutex<Int>

    init(store: HarborStore, rules: RepositoryRules, limits: DeployLimits, folder: URL, logger: Logger) {
        self.store = store
        self.rules = rules
        self.limits = limits
        work = folder.appendingPathComponent("work")
        releases = folder.appendingPathComponent("releases")
        self.logger = logger
        places = Mutex(limits.atOnce)
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that something was put into the queue.
    func wake() { ring.yield() }

    func run() async throws {
        try await recover()
        wake()
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await _ in bell {
                    while places.withLock({ $0 > 0 }), let (deployment, project) = await claim() {
                        places.withLock { $0 -= 1 }
                        group.addTask { [self] in
                            await deploy(deployment, project)
                            places.withLock { $0 += 1 }
                            wake()
                        }
                    }
                }
            }
        }
    }

    /// nil where nothing waits, or the store does not answer: then the next ring tries again, at the latest in a second.
    private func claim() async -> (DeploymentRow, ProjectRow)? {
        do {
            return try await store.claim()
        } catch {
            logger.error("the queue of deployments could not be read")
            do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
            wake()
            return nil
        }
    }

    private func recover() async throws {
        let kept = try await store.recover()
        try Folder.remove(work)
        for folder in [work, releases] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: releases.path) where !kept.contains(name) {
            try Folder.remove(releases.appendingPathComponent(name))
        }
    }

    private func deploy(_ deployment: DeploymentRow, _ project: ProjectRow) async {
        let workspace = work.appendingPathComponent(deployment.id)
        do {
            try FileManager.default.createDirectory(at: workspace, withIntermediateDirectories: true)
            try await carryOut(deployment, project, in: workspace)
        } catch is CancellationError {
            logger.info("a deployment is left for the next start", metadata: ["deployment": "\(deployment.id)"])
        } catch {
            await note(deployment, project, failedBecause: Self.reason(error))
        }
        do { try Folder.remove(workspace) } catch { logger.warning("a workspace could not be removed") }
    }

    private func carryOut(_ deployment: DeploymentRow, _ project: ProjectRow, in workspace: URL) async throws {
        let tell: @Sendable (String) async throws -> Void = { [store] line in
            try await store.log(line, project: project.id, deployment: deployment.id)
        }
        try await tell("fetching \(deployment.branch) of \(project.repository)")
        let fetch = GitFetch(
            remote: try rules.remote(project.repository), branch: deployment.branch, workspace: workspace,
            limits: limits)
        let fetched = try await fetch.run()
        let count = fetched.tree.files.count
        try await tell(
            "commit \(fetched.commit), \(count) file\(count == 1 ? "" : "s"), \(fetched.tree.bytes) bytes")
        try await store.building(deployment.id, commit: fetched.commit)
        let built = workspace.appendingPathComponent("built")
        try await SiteBuild(type: project.type, fetched: fetched).run(into: built, tell: tell)
        try Task.checkCancellation()
        // The release is whole before its name exists, and its name exists before anything leads to it.
        try FileManager.default.moveItem(at: built, to: releases.appendingPathComponent(deployment.id))
        let dropped = try await store.publish(deployment, organization: project.organization)
        try await tell(
            project.type.outcome == .served ? "published" : "kept: nothing runs a \(project.type.rawValue) here")
        for name in dropped { try Folder.remove(releases.appendingPathComponent(name)) }
    }

    private func note(_ deployment: DeploymentRow, _ project: ProjectRow, failedBecause reason: String) async {
        do {
            try await store.log("failed: \(reason)", project: project.id, deployment: deployment.id)
            try await store.fail(deployment, reason, organization: project.organization)
        } catch {
            // A project that was deleted meanwhile has nowhere to note it.
            logger.warning("a failed deployment could not be noted", metadata: ["deployment": "\(deployment.id)"])
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as BoundedProcess.Failed: error.description
        case let error as GitTree.Refused: error.description
        case let error as SiteBuild.Failed: error.description
        case let error as HarborError: error.detail
        default: "something went wrong here (\(type(of: error)))"
        }
    }
}
