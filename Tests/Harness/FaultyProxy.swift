import Foundation
import Synchronization

/// A TCP relay to a port of this machine that can be slow, hold bytes back or cut connections: a network between a
/// program and its database that the test decides about.
public final class FaultyProxy: Sendable {
    public enum Fault: Sendable, Hashable {
        case none
        /// Every piece is passed on that much later.
        case slow(milliseconds: Int)
        /// Nothing is passed on and nothing is told, as when packets are dropped; it arrives once the fault ends.
        case held
    }

    /// What a program uses a connection for, told by its first words.
    public enum Purpose: Sendable, Hashable, CaseIterable {
        /// Listens for notifications.
        case notifications
        /// Renews a node's lease.
        case renewals
        case other
    }

    private struct State {
        var requests: [Purpose: Fault] = [:]
        var answers: [Purpose: Fault] = [:]
        var isCut = false
        /// Where an answer was found that has to wait.
        var holding: Set<Purpose> = []
    }

    public let port: Int
    private let target: Int
    private let state = Mutex(State())
    private let listener: Int32

    /// - Parameter target: where connections are led to.
    public init(to target: Int) throws {
        self.target = target
        port = try FreePort.find()
        listener = try Socket.listening(port)
        let (listener, port) = (listener, target)
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self, !self.state.withLock({ $0.isCut }), let server = Socket.connected(port) else {
                    close(client)
                    continue
                }
                Relay(client, server, self).run()
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Breaks every connection and refuses new ones until `heal`.
    public func cut() { state.withLock { $0.isCut = true } }

    /// From the program to the database and back.
    ///
    /// - Parameter purposes: the connections that it happens to; the others go on as they were.
    public func disturb(
        requests: Fault = .none, answers: Fault = .none, of purposes: [Purpose] = Purpose.allCases
    ) {
        state.withLock { state in
            for purpose in purposes {
                state.requests[purpose] = requests
                state.answers[purpose] = answers
                state.holding.remove(purpose)
            }
        }
    }

    /// Connections that listen for notifications hear nothing more.
    public func loseNotifications() { disturb(answers: .held, of: [.notifications]) }

    /// Whether an answer is being held back on such a connection: what was asked for there has been done by now.
    public func holdsAnswer(of purpose: Purpose) -> Bool { state.withLock { $0.holding.contains(purpose) } }

    public func heal() { state.withLock { $0 = State() } }

    /// - Returns: nil where the connection is broken.
    fileprivate func fault(_ direction: Direction, _ purpose: Purpose) -> Fault? {
        state.withLock { state in
            if state.isCut { return nil }
            return (direction == .request ? state.requests : state.answers)[purpose] ?? Fault.none
        }
    }

    fileprivate func noteHeldAnswer(_ purpose: Purpose) { state.withLock { _ = $0.holding.insert(purpose) } }
}

private enum Direction { case request, answer }

/// One connection, relayed by two threads.
private final class Relay: Sendable {
    private let client: Int32
    private let server: Int32
    private let proxy: FaultyProxy
    private let purpose = Mutex(FaultyProxy.Purpose.other)
    private let ends = Atomic(0)

    init(_ client: Int32, _ server: Int32, _ proxy: FaultyProxy) {
        self.client = client
        self.server = server
        self.proxy = proxy
        Socket.sendAtOnce(client)
        Socket.sendAtOnce(server)
    }

    func run() {
        for direction in [Direction.request, .answer] {
            Thread.detachNewThread { [self] in
                pass(direction)
                shutdown(client, Int32(SHUT_RDWR))
                shutdown(server, Int32(SHUT_RDWR))
                if ends.add(1, ordering: .acquiringAndReleasing).newValue == 2 {
                    close(client)
                    close(server)
                }
            }
        }
    }

    private func pass(_ direction: Direction) {
        let (source, target) = direction == .request ? (client, server) : (server, client)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var question = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
            let isReadable = poll(&question, 1, 20) > 0
            let purpose = purpose.withLock { $0 }
            guard let fault = proxy.fault(direction, purpose) else { return }
            guard isReadable else { continue }
            if fault == .held {
                if direction == .answer { proxy.noteHeldAnswer(purpose) }
                usleep(2_000)
                continue
            }
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            if direction == .request { recognize(buffer[..<count]) }
            if case .slow(let milliseconds) = fault { usleep(UInt32(milliseconds) * 1000) }
            guard Socket.sendAll(target, buffer[..<count]) else { return }
        }
    }
}

extension Relay {
    /// A statement's text travels once, when it is prepared.
    private func recognize(_ piece: ArraySlice<UInt8>) {
        guard purpose.withLock({ $0 }) == .other else { return }
        func has(_ text: String) -> Bool { piece.firstRange(of: Array(text.utf8)) != nil }
        if has("LISTEN ") {
            purpose.withLock { $0 = .notifications }
        } else if has("UPDATE cluster_node SET renewal") {
            purpose.withLock { $0 = .renewals }
        }
    }
}

/// The few calls on sockets that the harness needs.
enum Socket {
    static func listening(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        let isBound = withAddress(port) { bind(descriptor, $0, $1) == 0 }
        guard descriptor >= 0, isBound, listen(descriptor, 128) == 0 else { throw HarnessError("no listener") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    static func connected(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard descriptor >= 0, withAddress(port, { connect(descriptor, $0, $1) == 0 }) else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        return descriptor
    }

    static func sendAtOnce(_ descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    }

    static func sendAll(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func withAddress<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// One connection that is kept and asked one thing at a time; for threads that ask much.
public final class KeptConnection {
    private let port: Int
    private let patience: Int
    private var descriptor: Int32?

    /// - Parameter patience: milliseconds to wait for an answer.
    public init(port: Int, patience: Int) {
        self.port = port
        self.patience = patience
    }

    deinit { end() }

    /// The whole answer, or nil where none came in time.
    public func ask(_ request: [UInt8]) -> [UInt8]? {
        guard let descriptor = connected(), Socket.sendAll(descriptor, request[...]) else {
            end()
            return nil
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                end()
                return nil
            }
            received += buffer[..<count]
            if Self.isWhole(received) { return received }
        }
    }

    private func connected() -> Int32? {
        if let descriptor { return descriptor }
        guard let new = Socket.connected(port) else { return nil }
        Socket.sendAtOnce(new)
        var timeout = timeval(tv_sec: patience / 1000, tv_usec: patience % 1000 * 1000)
        setsockopt(new, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        descriptor = new
        return new
    }

    private func end() {
        if let descriptor { close(descriptor) }
        descriptor = nil
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        guard let head = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let text = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).lowercased()
        guard let line = text.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
            let length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
        else { return false }
        return bytes.count >= head.upperBound + length
    }
}
