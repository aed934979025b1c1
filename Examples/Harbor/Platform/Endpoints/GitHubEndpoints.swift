import Foundation
import HTTPTypes
import HarborAPI
import Hummingbird

/// Repositories on GitHub whose signed pushes deploy.
struct GitHubEndpoints: Sendable {
    let platform: Platform

    func add(to router: Router<HarborContext>) {
        let keys = platform.keybearer
        router.guarded(by: keys, "github:read").get("v1/github") { _, context in
            let rows = try await platform.store.connections(of: try context.tenant.organization)
            return try answer(Items(data: rows.map { shown($0, secret: nil) }))
        }
        router.guarded(by: keys, "github/{id}:connect").put("v1/project/{id}/github") { request, context in
            let project = try await platform.store.project(
                try context.parameters.require("id"), of: try context.tenant.organization)
            let repository = try await request.harborBody(NewConnection.self).repository
            let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), repository.utf8.count <= 200 else {
                throw HarborError.invalid("repository is OWNER/NAME.")
            }
            let secret = Token.make("hwh_")
            try await platform.store.connect(
                project.id, repository: repository, secret: try platform.box.seal(secret, for: project.id))
            guard let (row, _) = try await platform.store.connection(of: project.id) else { throw HarborError.notFound }
            return try answer(shown(row, secret: secret), status: .created)
        }
        router.guarded(by: keys, "github/{id}:disconnect").delete("v1/project/{id}/github") { _, context in
            let project = try await platform.store.project(
                try context.parameters.require("id"), of: try context.tenant.organization)
            try await platform.store.disconnect(project.id)
            return Response(status: .noContent)
        }
        // No key: GitHub has none. The signature over the body is what authorizes it.
        router.post("hooks/github/{id}") { request, context in
            try await push(request, try context.parameters.require("id"))
        }
    }

    private func shown(_ row: HarborStore.ConnectionRow, secret: String?) -> Connection {
        Connection(
            project: row.project, repository: row.repository,
            webhook: "\(platform.publicURL)/hooks/github/\(row.project)", deliveries: row.deliveries,
            createdAt: Moment.text(row.createdAt), secret: secret)
    }

    private struct Push: Decodable {
        struct Repository: Decodable { let fullName: String }

        let ref: String
        let deleted: Bool?
        let repository: Repository
    }

    private struct Taken: Encodable { let deployment: String? }

    private func push(_ request: Request, _ id: String) async throws -> Response {
        let body = Data(try await request.body.collect(upTo: 1 << 20).readableBytesView)
        func field(_ name: String) -> String { HTTPField.Name(name).flatMap { request.headers[$0] } ?? "" }
        let unsigned = HarborError(401, "invalid_signature", "The delivery is not signed with this project's secret.")
        guard let (connection, project) = try await platform.store.connection(of: id) else { throw unsigned }
        let secret = try platform.box.open(connection.secret, for: id)
        guard PushSignature.isValid(field("x-hub-signature-256"), body: body, secret: secret) else { throw unsigned }
        guard field("x-github-event") == "push" else { return try answer(Taken(deployment: nil)) }
        let push: Push
        do { push = try Wire.decode(Push.self, body) } catch { throw HarborError.invalid("That is no push.") }
        guard push.repository.fullName.lowercased() == connection.repository.lowercased() else {
            throw HarborError(409, "other_repository", "This project is connected to another repository.")
        }
        let delivery = field("x-github-delivery")
        guard (1...100).contains(delivery.utf8.count) else { throw HarborError.invalid("The delivery has no name.") }
        guard push.ref == "refs/heads/\(project.branch)", push.deleted != true,
            try await platform.store.takeDelivery(delivery, of: id)
        else { return try answer(Taken(deployment: nil)) }
        let row = try await platform.deploy(project, branch: project.branch, trigger: "push", actor: "github")
        return try answer(Taken(deployment: row.id), status: .accepted)
    }
}
