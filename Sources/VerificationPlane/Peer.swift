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
        case .v4(let v4):
            address = IPAddress(v4: UInt32(bigEndian: v4.address.sin_addr.s_addr))
        case .v6(let v6):
            let (high, low) = withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                // Sixteen bytes by the type's definition, so both loads are in bounds; unaligned by choice.
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            address = IPAddress(v6: high, low: low)
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
