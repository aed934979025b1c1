import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct SignInView: Sendable {
    var problem: ProblemView?
    let next: String
    var email: String?
    var kept: Kept?

    /// A form that a session's end interrupted, on its way through signing in.
    struct Kept: Sendable {
        let action: String
        /// Form-encoded.
        let fields: String
    }
}

struct ResumeView: Sendable {
    let action: String
    let fields: [Field]
    let shown: [Field]
    let hasShown: Bool

    struct Field: Sendable {
        let name: String
        let value: String
    }
}

extension Console {
    func home(_ visit: Visit) async -> Reply { redirect(visit.person == nil ? "/sign-in" : Section.keys.path) }

    func signInPage(_ visit: Visit) async throws -> Reply {
        guard visit.person == nil else { return redirect(next(visit)) }
        return await signInPage(visit, kept: nil, status: 200)
    }

    func signInPage(
        _ visit: Visit, kept: SignInView.Kept?, problem: ProblemView? = nil, email: String? = nil, status: Int
    ) async -> Reply {
        let view = SignInView(problem: problem, next: next(visit), email: email, kept: kept)
        return await page("sign_in", visit.say(\.entry.signIn), view, visit, status: status)
    }

    /// Where to go on: a path of this site, or the start.
    private func next(_ visit: Visit) -> String { LocalPath(visit.form["next"])?.text ?? Section.keys.path }

    func signIn(_ visit: Visit, _ permit: OpenPermit) async throws -> Reply {
        let form = visit.form
        let kept = LocalPath(form["kept_action"]).map {
            SignInView.Kept(action: $0.text, fields: form["kept_fields"])
        }
        do {
            let signedIn = try await administration.signIn(
                email: form.line("email"), password: form["password"], kind: .console, permit)
            return try await open(signedIn, visit, kept: kept)
        } catch let failure as Failure
            where [.invalidCredentials, .tooManyAttempts, .busy].contains(failure.code)
        {
            return await signInPage(
                visit, kept: kept, problem: problem(failure, visit), email: form.line("email"),
                status: failure.code.status)
        }
    }

    /// The new session's cookie, and the way on: to the next page, or to the form that was interrupted.
    private func open(_ signedIn: consuming SignedIn, _ visit: Visit, kept: SignInView.Kept?) async throws -> Reply {
        let lifetime = signedIn.session.expiresAt.seconds - visit.now.seconds
        let token = signedIn.revealToken()
        let cookie = ("Set-Cookie", site.sessionCookie(token, maxAgeSeconds: lifetime))
        guard let kept else { return redirect(next(visit), fields: [cookie]) }
        let fields = try PageForm(encoded: Array(kept.fields.utf8)).keepable
        let visible = fields.filter { !["form", "organization", "next", "was"].contains($0.name) && !$0.value.isEmpty }
        let view = ResumeView(
            action: kept.action, fields: fields.map { ResumeView.Field(name: $0.name, value: $0.value) },
            shown: visible.map { ResumeView.Field(name: $0.name, value: $0.value) }, hasShown: !visible.isEmpty)
        let signedInVisit = Visit(
            call: visit.call, language: visit.language, theme: visit.theme, form: visit.form,
            csrf: VisitorToken.csrf(token), newVisitorToken: nil, notice: nil, person: nil)
        return await page("resume", visit.say(\.entry.resumeTitle), view, signedInVisit, fields: [cookie])
    }

    func signOut(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        try await administration.endSession(nil, permit)
        return redirect("/sign-in", fields: [("Set-Cookie", cookies.endingSession())])
    }

    // MARK: The operator's link

    /// One button: following the link signs nobody in yet, so a program that looks at links cannot use it up.
    func linkPage(_ visit: Visit) async -> Reply {
        await page("link", visit.say(\.entry.linkTitle), EmptyView(), visit)
    }

    func openLink(_ visit: Visit, _ permit: OpenPermit) async throws -> Reply {
        do {
            let anonymous = Caller(.anonymous, address: visit.call.address, organization: nil)
            let signedIn = try await administration.openLink(
                visit.call["token"], try administration.openPermit(permit.operation, anonymous))
            return try await open(signedIn, visit, kept: nil)
        } catch let failure as Failure where failure.code == .invalidToken || failure.code == .invalidCredentials {
            return await message(
                visit.say(\.entry.linkDead), [visit.say(\.entry.linkDeadLead)], [], visit, status: 404)
        }
    }

    // MARK: Preferences

    func setPreferences(_ visit: Visit) async throws -> Reply {
        var fields: [(String, String)] = []
        if let language = Language(rawValue: visit.form["language"]) {
            fields.append(("Set-Cookie", cookies.preference(Cookies.languageName, language.rawValue)))
        }
        switch visit.form["theme"] {
        case "light", "dark":
            fields.append(("Set-Cookie", cookies.preference(Cookies.themeName, visit.form["theme"])))
        case "auto": fields.append(("Set-Cookie", cookies.clearing(Cookies.themeName)))
        default: break
        }
        return redirect(LocalPath(visit.form["next"])?.text ?? "/", fields: fields)
    }
}
