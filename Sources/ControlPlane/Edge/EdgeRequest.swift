import KeybearerVerification

/// A request that the edge has read whole.
struct EdgeRequest: Sendable {
    let head: RequestHead
    let body: [UInt8]
    /// The socket's other end; nil for a Unix socket.
    let peer: IPAddress?
}
