import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// A device that waits for a person's consent (RFC 8628), as its page shows it.
struct DeviceView: Sendable {
    var problem: ProblemView?
    let code: String
    let request: Request?

    struct Request: Sendable {
        let code: String
        let client: String
        let address: String
        let age: String
    }
}

/// Where a person lets a program without a browser in. Nothing is approved by following a link.
extension Console {
    /// Asks for a code, or for consent to the device that waits with it.
    func devicePage(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        let code = visit.form.line("user_code")
        guard !code.isEmpty else { return await devicePage(visit) }
        do {
            let login = try await administration.deviceLogin(code, permit)
            let request = DeviceView.Request(
                code: UserCode(code)?.description ?? code, client: login.client.title,
                address: login.address?.description ?? visit.say(\.common.unknown),
                age: visit.relative(login.createdAt))
            return await page(
                "device", visit.say(\.account.deviceTitle), DeviceView(code: code, request: request), visit)
        } catch let failure as Failure where failure.code.status < 500 {
            return await devicePage(visit, after: failure)
        }
    }

    func decideDevice(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        let decision = visit.form["decision"]
        guard ["approve", "deny"].contains(decision) else {
            throw Refusal(422, "invalid_query", "The decision is approve or deny.")
        }
        let isApproved = decision == "approve"
        do {
            try await administration.decideDeviceLogin(visit.form.line("user_code"), approve: isApproved, permit)
        } catch let failure as Failure where failure.code.status < 500 {
            return await devicePage(visit, after: failure)
        }
        return redirect("/account", Notice(isApproved ? .deviceApproved : .deviceDenied))
    }

    private func devicePage(_ visit: Visit, after failure: Failure? = nil) async -> Reply {
        let problem = failure.map { self.problem($0, visit) }
        let view = DeviceView(problem: problem, code: visit.form.line("user_code"), request: nil)
        return await page(
            "device", visit.say(\.account.deviceTitle), view, visit, status: failure?.code.status ?? 200)
    }
}
