import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func operatorListOrganizations(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        let views = try await administration.operatorOrganizations(try page.page(of: OrganizationID.self), permit)
        return page.reply(
            views, cursor: { $0.organization.id.description }, resource: { OrganizationResource($0) })
    }

    func operatorPutOrganization(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let body = try call.json(as: OperatorPutOrganizationBody.self)
        let isKnown = try await administration.operatorHasOrganization(call["slug"], permit)
        let remembering = try call.remembering(status: isKnown ? 200 : 201) { (view: OrganizationView) in
            OrganizationResource(view).json
        }
        let answer = try await administration.operatorPutOrganization(
            call["slug"], name: body.name, plan: body.plan, isSuspended: body.suspended, permit,
            remembering: remembering)
        switch answer {
        case .fresh(let view): return .resource(OrganizationResource(view), status: isKnown ? 200 : 201)
        case .replayed(let record): return .replay(record)
        }
    }

    func operatorDeleteOrganization(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        _ = try await administration.operatorDeleteOrganization(call["slug"], permit)
        return .noContent
    }

    func operatorListPlans(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        return page.reply(
            whole: administration.operatorPlans(permit), falling: false, cursor: { $0.name },
            resource: { PlanResource($0) })
    }

    func operatorListNodes(_ call: Call, _ permit: OperatorPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        return page.reply(
            whole: try await nodes(), falling: false, cursor: { $0.name }, resource: { NodeResource($0) })
    }
}

extension PlanResource {
    init(_ plan: Plan) {
        self.init(
            name: plan.name, activeKeys: plan.activeKeys, features: plan.features,
            rateLimit: (requests: plan.rateLimit.requests, windowSeconds: plan.rateLimit.windowSeconds))
    }
}

extension NodeResource {
    init(_ node: ControlPlane.Node) {
        self.init(
            name: node.name, status: node.isLive ? "live" : "dead", acknowledgedRevision: node.acknowledgedRevision,
            lastSeenAt: node.lastSeenAt.description)
    }
}
