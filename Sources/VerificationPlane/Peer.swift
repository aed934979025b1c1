import KeybearerVerification

/// The other end of a connection, as the socket knows it.
struct Peer: Sendable {
    /// nil for a Unix socket.
    let address: IPAddress?
    /// Whether it can only be a program of this machine.
    let isLocal: Bool

    init(address: IPAddress?) {
        self.address = address
        isLocal = address?.isLoopback ?? true
    }
}

extension IPAddress {
    private static let loopback4 = CIDRBlock("127.0.0.0/8")
    private static let loopback6 = CIDRBlock("::1/128")

    var isLoopback: Bool {
        (Self.loopback4?.contains(self) ?? false) || (Self.loopback6?.contains(self) ?? false)
    }
}
