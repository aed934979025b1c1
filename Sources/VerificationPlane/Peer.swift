import KeybearerVerification
import NIOCore

/// The other end of a connection, as the socket knows it.
struct Peer: Sendable {
    /// nil for a Unix socket.
    let address: IPAddress?

    /// Whether it can only be a program of this machine.
    var isLocal: Bool { address?.isLoopback ?? true }

    init(address: IPAddress?) { self.address = address }

    /// nil where the socket has no address that could be told, such as one that is closed already.
    init?(_ socket: SocketAddress?) {
        switch socket {
        case .v4, .v6:
            guard let text = socket?.ipAddress, let address = IPAddress(text) else { return nil }
            self.address = address
        case .unixDomainSocket: address = nil
        case nil: return nil
        }
    }
}

extension IPAddress {
    private static let loopback4 = CIDRBlock("127.0.0.0/8")
    private static let loopback6 = CIDRBlock("::1/128")

    var isLoopback: Bool {
        (Self.loopback4?.contains(self) ?? false) || (Self.loopback6?.contains(self) ?? false)
    }
}
