import Foundation
import HarborAPI

/// An invented project with a repository that is made here, and the lines that show the product working.
struct Demonstration: Sendable {
    let platform: Platform

    func prepare(_ people: DemoPeople) async throws -> String {
        let (organization, key) = try await people.prepare()
        try await makeRepository()
        let known = try await platform.store.projects(of: organization, type: nil, page: 1, limit: 1)
        let project: ProjectRow
        if let first = known.rows.first {
            project = first
        } else {
            let new = NewProject(name: "Lighthouse pages", type: .http, repository: "local:lighthouse")
            project = try await platform.store.insertProject(new, branch: "main", of: organization)
        }
        _ = try await platform.deploy(project, branch: "main", trigger: "api", actor: "harbor-server --demo")
        return lines(project, key)
    }

    /// A repository with two branches, as a team would push it.
    private func makeRepository() async throws {
        guard let root = platform.rules.root else { return }
        let folder = URL(fileURLWithPath: root).appendingPathComponent("lighthouse")
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await git(["init", "--quiet", "--initial-branch=main"], folder)
        try await commit("The lamp is lit.", folder)
        try await git(["switch", "--quiet", "-c", "night"], folder)
        try await commit("The lamp turns at night.", folder)
        try await git(["switch", "--quiet", "main"], folder)
    }

    private func commit(_ words: String, _ folder: URL) async throws {
        let page = "<!doctype html><title>Lighthouse</title><h1>Lighthouse</h1><p>\(words)</p>\n"
        try Data(page.utf8).write(to: folder.appendingPathComponent("index.html"))
        try await git(["add", "index.html"], folder)
        try await git(["commit", "--quiet", "-m", words], folder)
    }

    private func git(_ arguments: [String], _ folder: URL) async throws {
        let process = BoundedProcess(
            program: "/usr/bin/git",
            arguments: ["-c", "user.name=Invented", "-c", "user.email=invented@mistral.example"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1"], folder: folder,
            timeout: .seconds(20), mostBytes: 10 << 20)
        try await process.run(output: folder.appendingPathComponent(".git-output"))
    }

    private func lines(_ project: ProjectRow, _ key: String) -> String {
        """

        Harbor is running.

          Console      \(platform.publicURL)/api-keys
          Owner        olga@mistral.example, password \(DemoPeople.password)
          The site     \(platform.siteURL(project.label))/

        1. Ask for the projects, as a pipeline would:

          export HARBOR_URL=\(platform.publicURL) HARBOR_API_KEY=\(key)
          curl "$HARBOR_URL/v1/project?type=http&page=1&limit=15" -H "Authorization: Bearer $HARBOR_API_KEY"
          .build/debug/harbor projects --type http --page 1 --limit 15

        2. Deploy the other branch, and look at the site again:

          .build/debug/harbor deploy --project \(project.id) --branch night
          curl \(platform.siteURL(project.label))/

        3. See what happened, and go back:

          .build/debug/harbor logs --project \(project.id)
          .build/debug/harbor metrics --project \(project.id)
          .build/debug/harbor rollback --project \(project.id)

        """
    }
}
