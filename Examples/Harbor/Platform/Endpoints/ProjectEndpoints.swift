import HarborAPI
import Hummingbird

/// Projects and their deployments, each call behind its permission.
struct ProjectEndpoints: Sendable {
    let platform: Platform

    func add(to router: Router<HarborContext>) {
        let keys = platform.keybearer
        router.guarded(by: keys, "project:read").get("v1/project") { try await list($0, $1) }
        router.guarded(by: keys, "project:create").post("v1/project") { try await create($0, $1) }
        router.guarded(by: keys, "project/{id}:read").get("v1/project/{id}") { _, context in
            try answer(try await shown(project(context)))
        }
        router.guarded(by: keys, "project/{id}:delete").delete("v1/project/{id}") { _, context in
            let project = try await project(context)
            try await platform.store.deleteProject(project.id, of: try context.tenant.organization)
            return Response(status: .noContent)
        }
        let deploying = router.guarded(by: keys, "project/{id}:deploy")
        deploying.post("v1/project/{id}/deployment") { try await deploy($0, $1) }
        deploying.post("v1/project/{id}/rollback") { request, context in
            let project = try await project(context)
            let body = try await request.harborBody(Rollback.self)
            let row = try await platform.store.rollBack(project, to: body.deployment, actor: try context.tenant.actor)
            return try answer(row.shown, status: .created)
        }
        // Whoever may deploy may watch it.
        deploying.get("v1/project/{id}/deployment/{deployment}") { request, context in
            let project = try await project(context)
            let id = try context.parameters.require("deployment")
            return try await platform.output(of: id, in: project.id, request)
        }
        router.guarded(by: keys, "log/{id}:read").get("v1/project/{id}/log") { try await logs($0, $1) }
        router.guarded(by: keys, "metric/{id}:read").get("v1/project/{id}/metric") { try await metrics($0, $1) }
    }

    private func project(_ context: HarborContext) async throws -> ProjectRow {
        try await platform.store.project(
            try context.parameters.require("id"), of: try context.tenant.organization)
    }

    private func shown(_ row: ProjectRow) -> Project {
        Project(
            id: row.id, name: row.name, type: row.type, repository: row.repository, branch: row.branch,
            url: row.type == .http ? platform.siteURL(row.label) : nil, deployment: row.current, commit: row.commit,
            createdAt: Moment.text(row.createdAt))
    }

    private func list(_ request: Request, _ context: HarborContext) async throws -> Response {
        let (page, limit) = try request.paging()
        var type: ProjectType?
        if let text = request.text("type") {
            type = ProjectType(rawValue: text)
            guard type != nil else { throw HarborError.invalid("type is http, worker or cron.") }
        }
        let (rows, total) = try await platform.store.projects(
            of: try context.tenant.organization, type: type, page: page, limit: limit)
        return try answer(Listing(data: rows.map(shown), page: page, limit: limit, total: total))
    }

    private func create(_ request: Request, _ context: HarborContext) async throws -> Response {
        let new = try await request.harborBody(NewProject.self)
        try Names.check(new.name)
        _ = try platform.rules.remote(new.repository)
        let branch = new.branch ?? "main"
        try BranchName.check(branch)
        let row = try await platform.store.insertProject(new, branch: branch, of: try context.tenant.organization)
        return try answer(shown(row), status: .created)
    }

    private func deploy(_ request: Request, _ context: HarborContext) async throws -> Response {
        let project = try await project(context)
        let branch = try await request.harborBody(NewDeployment.self).branch ?? project.branch
        try BranchName.check(branch)
        let row = try await platform.deploy(
            project, branch: branch, trigger: "api", actor: try context.tenant.actor)
        return try answer(row.shown, status: .accepted)
    }

    private func logs(_ request: Request, _ context: HarborContext) async throws -> Response {
        let project = try await project(context)
        await platform.counter.flush()
        let lines = try await platform.store.lines(
            project: project.id, deployment: nil,
            after: Int64(try request.number("after", standard: 0, in: 0...Int.max)),
            limit: try request.number("limit", standard: 500, in: 1...1000))
        return try answer(LogLines(data: lines))
    }

    private func metrics(_ request: Request, _ context: HarborContext) async throws -> Response {
        let project = try await project(context)
        await platform.counter.flush()
        let hours = try request.number("hours", standard: 24, in: 1...744)
        let since = Moment.now() / 3_600_000 - Int64(hours) + 1
        return try answer(
            Metrics(project: project.id, hours: try await platform.store.hours(of: project.id, since: since)))
    }
}
