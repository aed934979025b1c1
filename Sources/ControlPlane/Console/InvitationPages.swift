import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct InvitationView: Sendable {
    var problem: ProblemView?
    /// The sentence that names the signed-in person; nil for somebody new.
    let asVisitor: String?
    let name: String
    let here: String
}

extension Console {
    func invitationPage(_ visit: Visit) async -> Reply { await invitationPage(visit, problem: nil, status: 200) }

    private func invitationPage(_ visit: Visit, problem: ProblemView?, status: Int) async -> Reply {
        let name = visit.person.map { person in
            visit.say(\.entry.joinAs, ["name": person.user.name, "email": person.user.email.description])
        }
        let view = InvitationView(
            problem: problem, asVisitor: name, name: visit.form.line("name"),
            here: PercentEncoding.encoded(visit.call.target.path))
        return await page(
            "invitation", visit.say(\.entry.invitationTitle), view, visit,
            status: status)
    }

    func acceptInvitation(_ visit: Visit, _ permit: OpenPermit) async throws -> Reply {
        do {
            let accepted = try await administration.acceptInvitation(
                token: visit.call["token"], name: visit.form.line("name"), password: visit.form["password"], permit)
            guard visit.person == nil else {
                let cookie = ("Set-Cookie", cookies.organization(accepted.organization.id))
                return redirect(Section.keys.path, fields: [cookie])
            }
            let values = ["organization": accepted.organization.name, "email": accepted.user.email.description]
            let signIn = MessageView.Link(href: "/sign-in", label: visit.say(\.entry.signIn), isPrimary: true)
            return await message(
                visit.say(\.entry.welcome), [visit.say(\.entry.welcomeLead, values)], [signIn], visit)
        } catch let failure as Failure where failure.code.status < 500 {
            return await invitationPage(visit, problem: problem(failure, visit), status: failure.code.status)
        }
    }
}
