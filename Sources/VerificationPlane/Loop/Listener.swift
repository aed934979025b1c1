import Glibc
import KeybearerVerification
import Synchronization

/// The sockets that connections arrive at: of TCP one an event loop, which the kernel spreads connections over
/// (`SO_REUSEPORT`), of a Unix socket one that all loops share.
final class Listener: Sendable {
    /// One for each loop, which are all the same for a Unix socket.
    let descriptors: [Int32]
    /// nil for a Unix socket.
    let port: Int?
    private let path: String?
    private let loopsLeft: Atomic<Int>

    /// - Throws: `VerificationPlaneError` with a reason for the operator.
    init(_ address: ListenAddress, loops: Int) throws(VerificationPlaneError) {
        loopsLeft = Atomic(loops)
        do throws(SystemError) {
            switch address {
            case .tcp(let host, let port):
                let resolved = try SocketAddress(host: host, port: port)
                (descriptors, self.port) = try Self.tcp(resolved, count: loops)
                path = nil
            case .unix(let path):
                let socket = try Self.unix(path)
                descriptors = [Int32](repeating: socket, count: loops)
                port = nil
                self.path = path
            }
        } catch {
            throw .cannotListen(address, reason: error.reason)
        }
    }

    var interest: Poller.Interest { path == nil ? .arrival : [.arrival, .exclusive] }

    /// Of a loop that accepts no more. A socket is closed by the last loop that has it, since its number may be another
    /// file's from then on.
    func leave(_ loop: Int) {
        let isLast = loopsLeft.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
        if path == nil || isLast { close(descriptors[loop]) }
        if isLast, let path { unlink(path) }
    }

    private static func tcp(_ address: SocketAddress, count: Int) throws(SystemError) -> ([Int32], Int) {
        // Another program's listener must be an error, and with SO_REUSEPORT it would be a partner.
        close(try bound(address, isShared: false))
        var sockets: [Int32] = []
        do throws(SystemError) {
            var address = address
            for _ in 0..<count {
                let socket = try bound(address, isShared: true)
                sockets.append(socket)
                guard listen(socket, 1024) == 0 else { throw SystemError() }
                address = try SocketAddress(of: socket)
            }
            return (sockets, address.port)
        } catch {
            for socket in sockets { close(socket) }
            throw error
        }
    }

    private static func bound(_ address: SocketAddress, isShared: Bool) throws(SystemError) -> Int32 {
        let descriptor = try makeSocket(address.family)
        do throws(SystemError) {
            setOption(descriptor, SO_REUSEADDR)
            if isShared { setOption(descriptor, SO_REUSEPORT) }
            guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError() }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func unix(_ path: String) throws(SystemError) -> Int32 {
        let address = try SocketAddress(path: path)
        // A socket file that nobody answers at is left over from a crash.
        let probe = try makeSocket(AF_UNIX)
        let isServed = address.withPointer { connect(probe, $0, $1) } == 0
        close(probe)
        guard !isServed else { throw SystemError(code: EADDRINUSE) }
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        let descriptor = try makeSocket(AF_UNIX)
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1024) == 0 else {
            let error = SystemError()
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func makeSocket(_ family: Int32) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemError() }
        return descriptor
    }

    private static func setOption(_ descriptor: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
