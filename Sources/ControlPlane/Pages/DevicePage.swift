import KeybearerAdministration
import KeybearerVerification

/// Where a person lets a program without a browser in: code, sign-in where nobody is signed in yet, then what asks, from
/// where and since when, with two buttons. Nothing is approved by following a link.
extension Endpoints {
    func devicePage(_ call: Call) async throws -> Reply {
        let code = try QueryParameters(call.target.query, allowed: ["user_code"])["user_code"] ?? ""
        guard let caller = try await Authenticator(administration: administration).person(call, site) else {
            return signInToDevice(code: code, message: nil)
        }
        guard !code.isEmpty else { return codeForm(message: nil) }
        do {
            let permit = try await administration.personalPermit(.decideDeviceLogin, caller)
            return decisionForm(UserCode(code), try await administration.deviceLogin(code, permit), call.now)
        } catch let failure as Failure where failure.code.status < 500 {
            return codeForm(message: failure.detail, failure.code.status)
        }
    }

    /// Signs in on the device page itself, and goes back to it.
    func signInToDevice(_ call: Call, _ permit: OpenPermit) async throws -> Reply {
        try site.mustBeOwnOrigin(call)
        let form = try HTMLForm(call, fields: ["user_code", "email", "password"])
        do {
            let signedIn = try await administration.signIn(
                email: form["email"], password: form["password"], kind: .console, permit)
            let lifetime = signedIn.session.expiresAt.seconds - call.now.seconds
            let cookie = site.sessionCookie(signedIn.revealToken(), maxAgeSeconds: lifetime)
            let place = UserCode(form["user_code"]).map { "/device?user_code=\($0)" } ?? "/device"
            return Reply(303, fields: [("Location", place), ("Set-Cookie", cookie)])
        } catch let failure as Failure where failure.code.status < 500 {
            return signInToDevice(code: form["user_code"], message: failure.detail, failure.code.status)
        }
    }

    func decideDeviceLogin(_ call: Call, _ permit: PersonalPermit) async throws -> Reply {
        try site.mustBeOwnOrigin(call)
        let form = try HTMLForm(call, fields: ["user_code", "decision"])
        guard ["approve", "deny"].contains(form["decision"]) else {
            throw Refusal(422, "invalid_query", "The decision is approve or deny.")
        }
        let approve = form["decision"] == "approve"
        do {
            try await administration.decideDeviceLogin(form["user_code"], approve: approve, permit)
        } catch let failure as Failure where failure.code.status < 500 {
            return codeForm(message: failure.detail, failure.code.status)
        }
        return approve
            ? HTMLPage(title: "You are signed in", content: "<p>Go back to your terminal: it goes on by itself.</p>")
                .reply()
            : HTMLPage(title: "Turned away", content: "<p>The program was not let in.</p>").reply()
    }

    private func codeForm(message: String?, _ status: Int = 200) -> Reply {
        HTMLPage(
            title: "Sign in a device",
            content: """
                \(notice(message))
                <form method="get" action="/device">
                <p><label>The code that your terminal shows<br>
                \(codeInput(""))</label></p>
                <p><button type="submit">Continue</button></p>
                </form>
                """
        ).reply(status)
    }

    private func signInToDevice(code: String, message: String?, _ status: Int = 200) -> Reply {
        HTMLPage(
            title: "Sign in a device",
            content: """
                \(notice(message))
                <form method="post" action="/device/sign-in">
                <p><label>The code that your terminal shows<br>
                \(codeInput(UserCode(code)?.description ?? ""))</label></p>
                <p><label>Your e-mail address<br>
                <input name="email" type="email" autocomplete="username" required></label></p>
                <p><label>Your password<br>
                <input name="password" type="password" autocomplete="current-password" required></label></p>
                <p><button type="submit">Sign in</button></p>
                </form>
                """
        ).reply(status)
    }

    private func decisionForm(_ code: UserCode?, _ login: DeviceLogin, _ now: Timestamp) -> Reply {
        let code = code?.description ?? ""
        let minutes = max(0, (now.seconds - login.createdAt.seconds) / 60)
        let age = minutes == 0 ? "less than a minute" : minutes == 1 ? "a minute" : "\(minutes) minutes"
        return HTMLPage(
            title: "Let this device in?",
            content: """
                <dl>
                <dt>Code</dt><dd>\(HTMLPage.escaped(code))</dd>
                <dt>Program</dt><dd>\(HTMLPage.escaped(login.client.title))</dd>
                <dt>Address</dt><dd>\(HTMLPage.escaped(login.address?.description ?? "this machine"))</dd>
                <dt>Asked</dt><dd>\(age) ago</dd>
                </dl>
                <p>Approve only if you started this login yourself and your terminal shows the same code. The device can
                then do for 30 days what you can do.</p>
                <form method="post" action="/device">
                <input type="hidden" name="user_code" value="\(HTMLPage.escaped(code))">
                <p><button type="submit" name="decision" value="approve">Approve</button>
                <button type="submit" name="decision" value="deny">Deny</button></p>
                </form>
                """
        ).reply()
    }

    private func codeInput(_ code: String) -> String {
        """
        <input name="user_code" required maxlength="20" autocomplete="off" autocapitalize="characters"
        spellcheck="false" value="\(HTMLPage.escaped(code))">
        """
    }

    private func notice(_ message: String?) -> String {
        message.map { "<p role=\"alert\">\(HTMLPage.escaped($0))</p>" } ?? ""
    }
}
