import KeybearerAdministration
import KeybearerVerification

/// The handlers of all routes: decode, call Administration, encode. Each resource has a file of its own.
struct Endpoints: Sendable {
    let administration: Administration
    let verificationSecret: VerificationSecret?
    /// Whether the process can decide safely and all its listeners accept.
    let isReady: @Sendable () async -> Bool
    let nodes: @Sendable () async throws -> [ControlPlane.Node]
    let console: Console
}
