import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func listOrganizations(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        _ = try page.page(of: OrganizationID.self)
        return page.reply(
            whole: try await administration.organizationViews(permit), falling: true,
            cursor: { $0.organization.id.description }, resource: { OrganizationResource($0) })
    }

    func createOrganization(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        let body = try call.json(as: CreateOrganizationBody.self)
        let remembering = try call.remembering { (view: OrganizationView) in OrganizationResource(view).json }
        let answer = try await administration.createOrganization(
            name: body.name, slug: body.slug, permit, remembering: remembering)
        switch answer {
        case .fresh(let view): return .resource(OrganizationResource(view), status: 201, Self.tag(view))
        case .replayed(let record): return .replay(record)
        }
    }

    func readOrganization(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let view = try await administration.organization(permit)
        return .resource(OrganizationResource(view), Self.tag(view))
    }

    func updateOrganization(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let body = try call.json(as: UpdateOrganizationBody.self)
        let condition = call.precondition
        let view = try await administration.updateOrganization(name: body.name, permit) { view in
            condition.holds(for: EntityTag(view))
        }
        return .resource(OrganizationResource(view), Self.tag(view))
    }

    private static func tag(_ view: OrganizationView) -> [(String, String)] {
        [("ETag", EntityTag(view).description)]
    }
}

extension EntityTag {
    init(_ view: OrganizationView) {
        let organization = view.organization
        self.init(of: [
            "id": .string(organization.id.description), "name": .string(organization.name),
            "slug": .string(organization.slug.description), "plan": .string(organization.plan),
            "suspended": .bool(organization.isSuspended),
        ])
    }
}
