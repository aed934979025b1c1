import KeybearerConsole

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
