import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func listInvitations(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        let invitations = try await administration.invitations(try page.page(of: InvitationID.self), permit)
        return page.reply(
            invitations, cursor: { $0.id.description }, resource: { InvitationResource($0) })
    }

    func createInvitation(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let body = try call.json(as: CreateInvitationBody.self)
        let remembering = try call.remembering { (invitation: Invitation) in
            CreatedInvitationResource(url: nil, invitation: InvitationResource(invitation)).json
        }
        let answer = try await administration.createInvitation(
            email: body.email, role: body.role, permit, remembering: remembering)
        switch consume answer {
        case .issued(let issued):
            let invitation = InvitationResource(issued.invitation)
            return .resource(
                CreatedInvitationResource(url: issued.revealURL(), invitation: invitation), status: 201)
        case .replayed(let record): return .replay(record)
        }
    }

    func removeInvitation(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        try await administration.removeInvitation(try call.id("id"), permit)
        return .noContent
    }

    func acceptInvitation(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        let body = try call.json(as: AcceptInvitationBody.self)
        let accepted = try await administration.acceptInvitation(
            token: body.token, name: body.name, password: body.password, permit)
        return .resource(
            AcceptedInvitationResource(
                user: UserResource(accepted.user), organization: OrganizationSummary(accepted.organization),
                role: accepted.member.role.description))
    }
}
