import KeybearerAPI
import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// A page that says one thing and where to go on.
struct MessageView: Sendable {
    let title: String
    var paragraphs: [String] = []
    var peopleLead = ""
    var people: [Person] = []
    var hasPeople = false
    var links: [Link] = []
    var reference: String?

    struct Person: Sendable {
        let name: String
        let email: String
    }

    struct Link: Sendable {
        let href: String
        let label: String
        var isPrimary = false
    }
}

/// What a form's page says about why it was not taken.
struct ProblemView: Sendable {
    let title: String
    let items: [String]
}

extension Console {
    func message(
        _ title: String, _ paragraphs: [String], _ links: [MessageView.Link], _ visit: Visit, status: Int = 200
    ) async -> Reply {
        await page(
            "message", title, MessageView(title: title, paragraphs: paragraphs, links: links), visit, status: status)
    }

    /// Whatever a handler threw, as a page with the status that the API would answer.
    func refusalPage(_ error: any Error, _ visit: Visit) async -> Reply {
        let home = MessageView.Link(href: "/", label: visit.say(\.common.goHome), isPrimary: true)
        switch error {
        case let failure as Failure where failure.code == .ownerRequired && visit.person?.role != .owner:
            return await ownersOnly(visit)
        case let failure as Failure where failure.code == .insufficientPermissions:
            let values = [
                "organization": visit.person?.current?.name ?? "",
                "permissions": failure.lacking.joined(separator: ", "),
            ]
            return await message(
                visit.say(\.entry.forbidden), [visit.say(\.entry.forbiddenLead, values)], [home], visit, status: 403)
        case let failure as Failure where failure.code == .notFound:
            return await notFoundPage(visit)
        case let failure as Failure where failure.code.status < 500:
            return await message(
                visit.say(\.common.problem), [visit.say(failure.code.words)], [home], visit,
                status: failure.code.status)
        case let refusal as Refusal where refusal.problem.status == 404: return await notFoundPage(visit)
        case let refusal as Refusal where refusal.problem.status == 403:
            return await message(
                visit.say(\.entry.formExpired), [visit.say(\.entry.formExpiredLead)], [home], visit, status: 403)
        case let refusal as Refusal where refusal.problem.status < 500:
            return await message(
                visit.say(\.common.problem), [visit.say(\.failure.invalidInput)], [home], visit,
                status: refusal.problem.status)
        default:
            let failure = error as? Failure
            let status = failure?.code.status ?? 500
            let words = failure.map { visit.say($0.code.words) } ?? visit.say(\.entry.brokenLead)
            let title = visit.say(\.entry.broken)
            return await page(
                "message", title,
                MessageView(title: title, paragraphs: [words], links: [home], reference: visit.call.requestID), visit,
                status: status)
        }
    }

    func notFoundPage(_ visit: Visit) async -> Reply {
        let home = MessageView.Link(href: "/", label: visit.say(\.common.goHome), isPrimary: true)
        return await message(
            visit.say(\.entry.notFound), [visit.say(\.entry.notFoundLead)], [home], visit, status: 404)
    }

    /// For whoever may not manage keys: who can, as far as the visitor may know, and nothing of the keys.
    private func ownersOnly(_ visit: Visit) async -> Reply {
        let title = visit.say(\.entry.ownersOnly)
        let owners = await owners(visit)
        let values = [
            "organization": visit.person?.current?.name ?? "", "name": visit.person?.user.name ?? "",
            "role": visit.person?.role.map { roleName($0, visit) } ?? "",
        ]
        var paragraphs = [visit.say(\.entry.ownersOnlyLead, values)]
        if owners.isEmpty { paragraphs.append(visit.say(\.entry.ownersAskAny)) }
        let view = MessageView(
            title: title, paragraphs: paragraphs, peopleLead: visit.say(\.entry.ownersAsk), people: owners,
            hasPeople: !owners.isEmpty,
            links: [MessageView.Link(href: "/help", label: visit.say(\.help.title))])
        return await page("message", title, section: .keys, view, visit, status: 403)
    }

    private func owners(_ visit: Visit) async -> [MessageView.Person] {
        guard let caller = visit.person?.caller else { return [] }
        do {
            let permit = try await administration.organizationPermit(.listMembers, caller)
            let members = try await administration.members(Page(limit: 100), permit)
            return members.filter { $0.member.role == .owner }.prefix(5)
                .map { MessageView.Person(name: $0.user.name, email: $0.user.email.description) }
        } catch {
            // Who may not see the members is told to ask an owner, without names.
            return []
        }
    }

    func roleName(_ role: RoleName, _ visit: Visit) -> String {
        switch role {
        case .owner: visit.say(\.people.owner)
        case .admin: visit.say(\.people.admin)
        case .member: visit.say(\.people.member)
        default: role.description
        }
    }

    /// Why a form was not taken, for its own page.
    func problem(_ failure: Failure, _ visit: Visit) -> ProblemView {
        var seen: Set<String> = []
        let codes = failure.fields.isEmpty ? [failure.code] : failure.fields.map(\.code)
        return ProblemView(
            title: visit.say(\.common.problem),
            items: codes.map { visit.say($0.words) }.filter { seen.insert($0).inserted })
    }
}
