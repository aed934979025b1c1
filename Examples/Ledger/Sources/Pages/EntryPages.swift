import HTTPTypes
import Hummingbird

extension Pages {
    /// The one sign-in of the site. The key pages send people here too: whoever is signed in goes on to them by a link
    /// that Keybearer makes, and has no second password.
    @Sendable func signInPage(_ visit: Visit) async throws -> Response {
        guard let visitor = visit.visitor else { return signInForm(visit, status: .ok, notice: nil) }
        guard let next = visit.request.uri.queryParameters.get("next"), next.hasPrefix("/api-keys") else {
            return .onward("/invoices")
        }
        return .onward(try await keys.signInLink(email: visitor.email, workspace: visitor.workspace.slug))
    }

    private func signInForm(_ visit: Visit, status: HTTPResponse.Status, notice: String?) -> Response {
        let layout = Layout(visit: visit)
        let next = visit.request.uri.queryParameters.get("next") ?? ""
        let action = next.hasPrefix("/api-keys") ? "/sign-in?next=/api-keys" : "/sign-in"
        return .page(
            layout.page(
                visit.say(.signIn), notice: notice,
                layout.form(
                    action,
                    """
                    \(layout.field("email", .email, type: "email"))\(layout.field("password", .password, type: "password"))
                    <button class="primary" type="submit">\(visit.say(.signIn))</button>
                    """)),
            status: status)
    }

    @Sendable func signIn(_ visit: Visit) async throws -> Response {
        let fields = try await Visit.fields(visit.request)
        // Another site's form could sign a visitor in as somebody else, who then reads what they type.
        let origin = HTTPField.Name("Sec-Fetch-Site").flatMap { visit.request.headers[$0] }
        guard origin != "cross-site" && origin != "same-site" else { throw PageRefusal(.forbidden, .wrongForm) }
        let token = try await sessions.signIn(email: fields["email"] ?? "", password: fields["password"] ?? "")
        guard let token else {
            return signInForm(visit, status: .unauthorized, notice: visit.say(.signInFailed))
        }
        let next = visit.request.uri.queryParameters.get("next") ?? ""
        var response = Response.onward(next == "/api-keys" ? next : "/invoices")
        response.setCookie(
            Cookie(
                name: Visit.cookie, value: token, maxAge: Int(Sessions.lifetimeSeconds), path: "/", secure: isSecure,
                httpOnly: true, sameSite: .strict))
        return response
    }

    /// Ends this session and the one on the key pages, whose button leads here too. The cookies are strict, so that no
    /// other site's form ends anything.
    @Sendable func signOut(_ visit: Visit) async throws -> Response {
        if let token = visit.request.cookies[Visit.cookie]?.value { try await sessions.end(token) }
        var response = Response.onward("/sign-in")
        response.setCookie(Cookie(name: Visit.cookie, value: "", maxAge: 0, path: "/", httpOnly: true))
        try await endKeySession(visit, &response)
        return response
    }

    /// What is open on the key pages is of one workspace and one person: it goes with either.
    private func endKeySession(_ visit: Visit, _ response: inout Response) async throws {
        for name in KeyPageCookie.session {
            guard let token = visit.request.cookies[name]?.value else { continue }
            try await keys.endSession(token)
            response.setCookie(Cookie(name: name, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true))
        }
    }

    @Sendable func workspacesPage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response
    {
        let layout = Layout(visit: visit)
        let rows = try await books.workspaces(ofPerson: visitor.personID).map { workspace, role -> HTML in
            let enter = layout.form(
                "/organizations",
                """
                <input type="hidden" name="workspace" value="\(workspace.slug)">
                <button aria-label="\(visit.say(.enter)) \(workspace.name)">\(visit.say(.enter))</button>
                """)
            return "<tr><td>\(workspace.name)</td><td>\(visit.say(role.words))</td><td>\(enter)</td></tr>"
        }
        return .page(layout.page(visit.say(.workspaces), layout.table([.workspace, .role, .enter], rows)))
    }

    @Sendable func enterWorkspace(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response
    {
        let fields = try await visit.form()
        if let token = visit.request.cookies[Visit.cookie]?.value {
            try await sessions.enter(fields["workspace"] ?? "", token)
        }
        var response = Response.onward("/invoices")
        try await endKeySession(visit, &response)
        return response
    }

    /// The help page on keys; what goes further stands on Keybearer's own.
    @Sendable func helpPage(_ visit: Visit) async throws -> Response {
        let layout = Layout(visit: visit)
        let rows = try await plans().map { plan -> HTML in
            let count = plan.activeKeys.map { String($0) } ?? visit.say(.unlimited)
            return
                "<tr><td class=\"plan\">\(plan.name)</td><td>\(plan.hasKeys ? count : visit.say(.notIncluded))</td></tr>"
        }
        let host = visit.request.head.authority ?? "localhost"
        return .page(
            layout.page(
                visit.say(.keys),
                """
                <p>\(visit.say(.helpLead))</p>
                <h2>\(visit.say(.helpUse))</h2>
                <pre>GET /api/invoices HTTP/1.1\nHost: \(host)\nAuthorization: Bearer sk_…</pre>
                <p>\(visit.say(.helpScope))</p>
                <h2>\(visit.say(.helpPlans))</h2>
                \(layout.table([.plan, .activeKeys], rows))
                <p><a href="/help/create">\(visit.say(.helpMore))</a></p>
                """))
    }
}
