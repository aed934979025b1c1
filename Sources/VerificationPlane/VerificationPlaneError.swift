/// Why the plane cannot start: each a single line for the operator.
public enum VerificationPlaneError: Error, Sendable, CustomStringConvertible {
    /// Not loopback, not a Unix socket, and no secret.
    case secretRequired(ListenAddress)
    case cannotListen(ListenAddress, reason: String)

    public var description: String {
        switch self {
        case .secretRequired(let address):
            "the verification plane needs verification.secret to listen on \(address), which others can reach"
        case .cannotListen(let address, let reason): "the verification plane cannot listen on \(address): \(reason)"
        }
    }
}
