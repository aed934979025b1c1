import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func invitationPage(_ call: Call) async throws -> Reply { invitationForm(call, message: nil, name: "", 200) }

    func acceptInvitationForm(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        try site.mustBeOwnOrigin(call)
        let form = try HTMLForm(call, fields: ["name", "password"])
        do {
            let accepted = try await administration.acceptInvitation(
                token: call["token"], name: form["name"], password: form["password"], permit)
            return HTMLPage(
                title: "Welcome",
                content: """
                    <p>You are now a member of \(HTMLPage.escaped(accepted.organization.name)). Sign in as
                    \(HTMLPage.escaped(accepted.user.email.description)).</p>
                    """
            ).reply()
        } catch let failure as Failure where failure.code.status < 500 {
            let message = failure.fields.first?.detail ?? failure.detail
            return invitationForm(call, message: message, name: form["name"], failure.code.status)
        }
    }

    private func invitationForm(_ call: Call, message: String?, name: String, _ status: Int) -> Reply {
        let notice = message.map { "<p role=\"alert\">\(HTMLPage.escaped($0))</p>" } ?? ""
        return HTMLPage(
            title: "Accept the invitation",
            content: """
                \(notice)
                <form method="post" action="\(HTMLPage.escaped(call.target.path))">
                <p><label>Your name<br>
                <input name="name" autocomplete="name" required maxlength="100" value="\(HTMLPage.escaped(name))"></label></p>
                <p><label>A password of 12 to 128 characters<br>
                <input name="password" type="password" autocomplete="new-password" required minlength="12"
                maxlength="128"></label></p>
                <p><button type="submit">Join</button></p>
                </form>
                """
        ).reply(status)
    }
}
