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

/// What is known of a device that waits.
struct WaitingDevice: Sendable {
    let userCode: String
    let client: String
    let address: IPAddress?
    let askedAt: Timestamp
}

extension Console {
    /// Asks for a code, or for consent to the device that waits with it.
    ///
    /// - Parameter waiting: nil where no code was given, or no device waits with it.
    func devicePage(_ visit: Visit, waiting: WaitingDevice?) async -> Reply {
        let code = visit.form.line("user_code")
        let isUnknown = waiting == nil && !code.isEmpty
        let view = DeviceView(
            problem: isUnknown
                ? ProblemView(title: visit.say(\.common.problem), items: [visit.say(\.account.deviceUnknown)]) : nil,
            code: code,
            request: waiting.map { device in
                DeviceView.Request(
                    code: device.userCode, client: device.client,
                    address: device.address?.description ?? visit.say(\.common.unknown),
                    age: visit.relative(device.askedAt))
            })
        return await page(
            "device", visit.say(\.account.deviceTitle), view, visit, status: isUnknown ? 404 : 200)
    }

    /// What the person decided, as the next page says it.
    func deviceDecided(_ visit: Visit) -> (isApproved: Bool, reply: Reply) {
        let isApproved = visit.form["decision"] == "approve"
        return (isApproved, redirect("/account", Notice(isApproved ? .deviceApproved : .deviceDenied)))
    }
}
