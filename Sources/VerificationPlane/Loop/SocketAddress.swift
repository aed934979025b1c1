import CLinux
import Glibc
import KeybearerVerification

/// A `sockaddr` with its length.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// The first of a host name's addresses; numeric ones need no resolver.
    init(host: String, port: Int) throws(SystemError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else {
            throw SystemError(code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(list) }
        length = first.pointee.ai_addrlen
        // The resolver's address is `ai_addrlen` bytes, which the storage is made to hold whatever the family.
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: .init(start: first.pointee.ai_addr, count: Int(length)))
        }
    }

    init(path: String) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw SystemError(code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: address) { target.copyMemory(from: $0) }
        }
    }

    /// A socket's own address.
    init(of descriptor: Int32) throws(SystemError) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let length = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return getsockname(descriptor, pointer, &length) == 0 ? length : nil
            }
        }
        guard let length else { throw SystemError() }
        self.length = length
    }

    /// The other end of the next connection that waits at a listener, and its socket; nil where none does.
    init?(accepting listener: Int32, into descriptor: inout Int32) {
        var room = socklen_t(MemoryLayout<sockaddr_storage>.size)
        length = room
        descriptor = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { keybearer_accept(listener, $0, &room) }
        }
        guard descriptor >= 0 else { return nil }
        length = room
    }

    var family: Int32 { Int32(storage.ss_family) }

    var port: Int {
        withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))) }
    }

    /// The peer that this is the address of; nil for a family that no listener has.
    var peer: Peer? {
        withUnsafeBytes(of: storage) { bytes -> Peer? in
            switch family {
            case AF_INET:
                return Peer(
                    address: IPAddress(v4: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))))
            case AF_INET6:
                return Peer(
                    address: IPAddress(
                        v6: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))))
            case AF_UNIX: return Peer(address: nil)
            default: return nil
            }
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
