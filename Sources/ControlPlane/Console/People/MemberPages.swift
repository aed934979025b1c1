import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct MembersView: Sendable {
    var problem: ProblemView?
    let caption: String
    let canManage: Bool
    let members: [Entry]
    let next: String?
    let form: String
    let email: String
    let roles: [ChoiceView]
    let hasInvitations: Bool
    let invitations: [Invited]

    struct Entry: Sendable {
        let id: String
        let name: String
        let email: String
        let isSelf: Bool
        let role: String
        let grants: [String]
        let hasGrants: Bool
        let joined: String
        let editLabel: String
    }

    struct Invited: Sendable {
        let id: String
        let email: String
        let role: String
        let expires: String
        let removeLabel: String
    }
}

struct MemberView: Sendable {
    var problem: ProblemView?
    let href: String
    let name: String
    let email: String
    let roles: [ChoiceView]
    let grants: String
    let was: String
}

struct InvitedView: Sendable {
    /// nil for a repetition.
    let url: String?
}

struct RemovalView: Sendable {
    var problem: ProblemView?
    let href: String
    let name: String
    let lead: String
    let keysLead: String
    let hasKeys: Bool
    let keys: [Key]

    struct Key: Sendable {
        let href: String
        let name: String
        let preview: String
        let rotateLabel: String
        let revokeLabel: String
    }
}

extension Console {
    func membersPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        try await membersPage(visit, permit, problem: nil, status: 200)
    }

    private func membersPage(
        _ visit: Visit, _ permit: OrganizationPermit, problem: ProblemView?, status: Int
    ) async throws -> Reply {
        let size = 50
        let found = try await administration.members(
            Page(after: UserID(visit.form["after"]), limit: size + 1), permit)
        let canManage = permit.scope.authority.holds(.memberManage)
        let invitations = canManage ? try await administration.invitations(Page(limit: 100), permit) : []
        let view = MembersView(
            problem: problem,
            caption: visit.say(\.people.caption, ["organization": permit.scope.organization.name]),
            canManage: canManage, members: found.prefix(size).map { entry($0, visit) },
            next: found.count > size ? "/members?after=\(found[size - 1].user.id)" : nil, form: VisitorToken.make(),
            email: visit.form.line("email"),
            roles: canManage
                ? try await roleChoices(visit.form["role"].isEmpty ? "member" : visit.form["role"], visit, permit) : [],
            hasInvitations: !invitations.isEmpty,
            invitations: invitations.map { invitation in
                MembersView.Invited(
                    id: invitation.id.description, email: invitation.email.description,
                    role: roleName(invitation.role, visit),
                    expires: visit.say(\.people.expires, ["when": visit.relative(invitation.expiresAt)]),
                    removeLabel: visit.say(\.people.withdrawNamed, ["email": invitation.email.description]))
            })
        return await page("members", visit.say(\.people.title), section: .members, view, visit, status: status)
    }

    private func entry(_ member: MemberWithUser, _ visit: Visit) -> MembersView.Entry {
        MembersView.Entry(
            id: member.user.id.description, name: member.user.name, email: member.user.email.description,
            isSelf: member.user.id == visit.person?.user.id, role: roleName(member.member.role, visit),
            grants: member.member.grants.map(\.description), hasGrants: !member.member.grants.isEmpty,
            joined: visit.formats.date(member.member.joinedAt),
            editLabel: visit.say(\.people.editNamed, ["name": member.user.name]))
    }

    private func roleChoices(_ current: String, _ visit: Visit, _ permit: OrganizationPermit) async throws
        -> [ChoiceView]
    {
        try await administration.roles(permit).map { role in
            ChoiceView(
                value: role.name.description, label: roleName(role.name, visit),
                isCurrent: role.name.description == current)
        }
    }

    func createInvitation(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let (email, role) = (visit.form.line("email"), visit.form["role"])
        do {
            let answer = try await administration.createInvitation(
                email: email, role: role, permit,
                remembering: try remembering(visit, parts: [email, role]) { (invitation: Invitation) in
                    invitation.email.description
                })
            let title = visit.say(\.people.invitedTitle, ["email": email])
            switch consume answer {
            case .issued(let issued):
                let view = InvitedView(url: issued.revealURL())
                return await page("invited", title, section: .members, view, visit)
            case .replayed:
                return await page("invited", title, section: .members, InvitedView(url: nil), visit)
            }
        } catch let failure as Failure where failure.code.status < 500 && failure.code != .idempotencyInProgress {
            return try await membersPage(
                visit, permit, problem: problem(failure, visit), status: failure.code.status)
        }
    }

    func removeInvitation(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        try await administration.removeInvitation(try visit.call.id("id"), permit)
        return redirect(Section.members.path, Notice(.invitationWithdrawn))
    }

    // MARK: One member

    func memberPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let member = try await administration.member(try visit.call.id("id"), permit)
        return try await memberPage(visit, member, permit, problem: nil, status: 200)
    }

    private func memberPage(
        _ visit: Visit, _ member: MemberWithUser, _ permit: OrganizationPermit, problem: ProblemView?, status: Int
    ) async throws -> Reply {
        let isSent = visit.form.has("role")
        let role = isSent ? visit.form["role"] : member.member.role.description
        let grants = isSent ? visit.form.lines("grants") : member.member.grants.map(\.description)
        let view = MemberView(
            problem: problem, href: "/members/\(member.user.id)", name: member.user.name,
            email: member.user.email.description, roles: try await roleChoices(role, visit, permit),
            grants: grants.joined(separator: "\n"), was: standing(member))
        return await page("member", member.user.name, section: .members, view, visit, status: status)
    }

    private func standing(_ member: MemberWithUser) -> String {
        ([member.member.role.description] + member.member.grants.map(\.description)).joined(separator: " ")
    }

    func putMember(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: UserID = try visit.call.id("id")
        let member = try await administration.member(id, permit)
        do {
            try mustStand(standing(member), visit)
            _ = try await administration.putMember(
                id, role: visit.form["role"], grants: visit.form.lines("grants"), permit)
            return redirect(Section.members.path, Notice(.memberSaved))
        } catch let failure as Failure where failure.code.status < 500 {
            return try await memberPage(
                visit, member, permit, problem: problem(failure, visit), status: failure.code.status)
        }
    }

    func removeMemberPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let member = try await administration.member(try visit.call.id("id"), permit)
        return try await removeMemberPage(visit, member, permit, problem: nil, status: 200)
    }

    private func removeMemberPage(
        _ visit: Visit, _ member: MemberWithUser, _ permit: OrganizationPermit, problem: ProblemView?, status: Int
    ) async throws -> Reply {
        var keys: [APIKey] = []
        // Whoever may not see keys removes people all the same; the answer names what they left.
        if await may(.listKeys, visit) {
            var search = KeySearch()
            search.createdBy = member.user.id.description
            search.limit = 100
            keys = try await administration.searchKeys(search, permit)
        }
        let values = [
            "name": member.user.name, "email": member.user.email.description,
            "organization": permit.scope.organization.name,
        ]
        let view = RemovalView(
            problem: problem, href: "/members/\(member.user.id)", name: member.user.name,
            lead: visit.say(\.people.removeSure, values), keysLead: visit.say(\.people.keysLead),
            hasKeys: !keys.isEmpty, keys: keys.map { removalKey($0, visit) })
        return await page(
            "member_remove", visit.say(\.people.removeNamed, values), section: .members, view, visit, status: status)
    }

    private func removalKey(_ key: APIKey, _ visit: Visit) -> RemovalView.Key {
        RemovalView.Key(
            href: "/api-keys/\(key.id)", name: key.name, preview: key.preview,
            rotateLabel: visit.say(\.key.rotateNamed, ["name": key.name]),
            revokeLabel: visit.say(\.keys.revokeNamed, ["name": key.name]))
    }

    func removeMember(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let id: UserID = try visit.call.id("id")
        let member = try await administration.member(id, permit)
        do {
            let keys = try await administration.removeMember(id, permit)
            let view = RemovalView(
                href: "/members/\(id)", name: member.user.name, lead: "", keysLead: "", hasKeys: !keys.isEmpty,
                keys: keys.prefix(500).map { removalKey($0, visit) })
            let title = visit.say(\.people.removedTitle, ["name": member.user.name])
            return await page("member_removed", title, section: .members, view, visit)
        } catch let failure as Failure where failure.code.status < 500 {
            return try await removeMemberPage(
                visit, member, permit, problem: problem(failure, visit), status: failure.code.status)
        }
    }
}
