import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification
import Logging

/// From a request for a page to the page: cookie, origin, CSRF token, permit, handler. Whatever goes wrong becomes a
/// page too.
struct PageDoor: Sendable {
    let console: Console
    let logger: Logger

    func reply(_ route: Route, _ call: Call) async -> Reply {
        var visit: Visit
        do {
            visit = try await console.visit(call)
        } catch {
            return await console.refusalPage(error, Visit.lost(call))
        }
        do {
            if call.method == "POST" { try console.site.mustBeOwnOrigin(call) }
            return try await perform(route, &visit)
        } catch let detour as Detour {
            return detour.reply
        } catch {
            let reply = await console.refusalPage(error, visit)
            if reply.status >= 500 {
                logger.error(
                    "a page could not be made",
                    metadata: ["request_id": "\(call.requestID)", "error": "\(type(of: error))"])
            }
            return reply
        }
    }

    private func perform(_ route: Route, _ visit: inout Visit) async throws -> Reply {
        let administration = console.administration
        switch route.handler {
        case .openPage(let handler):
            if route.operation == .signIn, visit.person != nil {
                return console.redirect(Section.keys.path)
            }
            // What a link leads to carries the link's own secret in its address; signed in, it acts for somebody.
            if route.operation == .signIn || visit.person != nil { try console.mustCarryToken(visit) }
            let caller =
                visit.person.map { $0.caller }
                ?? Caller(.anonymous, address: visit.call.address, organization: nil)
            return try await handler(console)(visit, try administration.openPermit(route.operation, caller))
        case .personalPage(let handler):
            let person = try await console.mustBeSignedIn(visit)
            try console.mustCarryToken(visit)
            let permit = try await administration.personalPermit(route.operation, person.caller)
            return try await handler(console)(visit, permit)
        case .organizationPage(let handler):
            let person = try await console.mustBeSignedIn(visit)
            try console.mustCarryToken(visit)
            guard let current = person.current else { throw Detour(reply: console.chooseOrganization(visit)) }
            let permit = try await administration.organizationPermit(route.operation, person.caller)
            _ = try await administration.admit(person.caller, token: nil, in: current.id)
            return try await handler(console)(visit, permit)
        case .open, .caller, .personal, .organization, .operator: throw Refusal.notFound
        }
    }
}

extension Console {
    /// Reads cookies and form; a session's cookie that no longer works makes nobody of the visitor.
    func visit(_ call: Call) async throws -> Visit {
        let values = cookies.read(call.fields)
        let language =
            values[cookies.name(Cookies.languageName)].flatMap { Language(rawValue: $0) }
            ?? Language(accepting: call.fields["accept-language"].joined(separator: ","))
        let theme = values[cookies.name(Cookies.themeName)].flatMap { ["light", "dark"].contains($0) ? $0 : nil }
        let form = call.method == "POST" ? try PageForm(call) : try PageForm(query: call.target.query)
        let token = values[site.cookieName].map { Array($0.utf8) }
        let person = try await person(token, form, values, call)
        let known = values[cookies.name(Cookies.visitorName)].flatMap { $0.utf8.count == 64 ? $0 : nil }
        let fresh = person == nil && known == nil ? VisitorToken.make() : nil
        let secret = person == nil ? known ?? fresh ?? "" : String(decoding: token ?? [], as: UTF8.self)
        return Visit(
            call: call, language: language, theme: theme, form: form, csrf: VisitorToken.csrf(secret),
            newVisitorToken: fresh,
            notice: call.method == "POST"
                ? nil : values[cookies.name(Cookies.noticeName)].flatMap { Notice(encoded: $0) }, person: person)
    }

    private func person(
        _ token: [UInt8]?, _ form: PageForm, _ cookies: [String: String], _ call: Call
    ) async throws -> Visit.Person? {
        // Keys and operator tokens are for headers: in a cookie they are nobody.
        guard let token, KeyFormat.session.parse(token) != nil else { return nil }
        let found: Authentication
        do {
            found = try await administration.authenticate(
                token, organization: nil, onBehalfOf: nil, address: call.address)
        } catch let failure as Failure where failure.code == .invalidToken {
            return nil
        }
        guard case .caller(let caller) = found, case .person(let user, let session) = caller.principal,
            session.kind == .console
        else { return nil }
        let permit = try await administration.personalPermit(.listOwnOrganizations, caller)
        let own = try await administration.organizations(permit)
        // A form acts in the organization that it was opened in, whatever another tab has switched to since.
        let wanted = call.method == "POST" ? form["organization"] : cookies[self.cookies.name(Cookies.organizationName)]
        let named = own.first { $0.organization.id.description == wanted }?.organization
        if call.method == "POST", named == nil, form.has("organization") { throw Failure.notFound }
        let current = named ?? (own.count == 1 ? own[0].organization : nil)
        let reference = current.map { OrganizationReference.id($0.id) }
        return Visit.Person(
            user: user, session: session, organizations: own, current: current,
            caller: Caller(caller.principal, address: caller.address, organization: reference))
    }

    /// A form is taken only from a page that this browser was given.
    ///
    /// - Throws: 403 `wrong_form`.
    func mustCarryToken(_ visit: Visit) throws {
        guard visit.call.method == "POST" else { return }
        let sent = KeyDigest(ofText: Array(visit.form["csrf"].utf8))
        guard sent == KeyDigest(ofText: Array(visit.csrf.utf8)) else { throw Self.wrongForm }
    }

    static let wrongForm = Refusal(403, "wrong_form", "This form belongs to another session.")

    /// - Throws: a `Detour` to the sign-in page, which brings a half-filled form back.
    func mustBeSignedIn(_ visit: Visit) async throws -> Visit.Person {
        if let person = visit.person { return person }
        guard visit.call.method == "POST" else {
            // The strict cookie does not come along from another site: from our own page it will.
            if visit.call.fields["sec-fetch-site"] == ["cross-site"] {
                throw Detour(reply: await page("bounce", brand.name, EmptyView(), visit))
            }
            throw Detour(reply: redirect("/sign-in?next=\(PercentEncoding.encoded(visit.here))"))
        }
        // Only what certainly comes from a page of ours is kept: its token cannot be checked without the session.
        let isOurs = !visit.call.fields["origin"].isEmpty || visit.call.fields["sec-fetch-site"] == ["same-origin"]
        guard isOurs else { throw Self.wrongForm }
        let kept = SignInView.Kept(
            action: visit.call.target.path, fields: PageForm.encoded(visit.form.keepable))
        throw Detour(reply: await signInPage(visit, kept: kept, status: 401))
    }

    func chooseOrganization(_ visit: Visit) -> Reply {
        redirect(
            "/organizations?next=\(PercentEncoding.encoded(visit.call.method == "GET" ? visit.here : "/api-keys"))")
    }
}

struct EmptyView: Sendable {}

/// What ties a form to a browser.
enum VisitorToken {
    /// 256 random bits.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let text = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    /// Tells nothing of the cookie that it is made of.
    static func csrf(_ secret: String) -> String {
        secret.isEmpty ? "" : KeyDigest(ofText: Array("keybearer.form.1:\(secret)".utf8)).hex
    }
}

extension Visit {
    /// A visit of which not even the form could be read.
    static func lost(_ call: Call) -> Visit {
        Visit(
            call: call, language: Language(accepting: call.fields["accept-language"].joined(separator: ",")),
            theme: nil, form: .empty, csrf: "", newVisitorToken: nil, notice: nil, person: nil)
    }
}
