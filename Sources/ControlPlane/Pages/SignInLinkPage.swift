import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    /// One button: following the link signs nobody in yet, so a program that looks at links cannot use it up.
    func signInPage(_ call: Call) async throws -> Reply {
        HTMLPage(
            title: "Sign in",
            content: """
                <form method="post" action="\(HTMLPage.escaped(call.target.path))">
                <button type="submit">Sign in</button>
                </form>
                """
        ).reply()
    }

    func openLink(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        try site.mustBeOwnOrigin(call)
        _ = try HTMLForm(call, fields: [])
        do {
            let signedIn = try await administration.openLink(call["token"], permit)
            let lifetime = signedIn.session.expiresAt.seconds - call.now.seconds
            let cookie = site.sessionCookie(signedIn.revealToken(), maxAgeSeconds: lifetime)
            return Reply(303, fields: [("Location", "/"), ("Set-Cookie", cookie)])
        } catch let failure as Failure where failure.code == .invalidToken || failure.code == .invalidCredentials {
            return HTMLPage(
                title: "This link does not work",
                content: "<p>It was used already or is older than a minute: ask for a new one.</p>"
            ).reply(404)
        }
    }
}
