import CLinux
import Glibc

/// epoll(7). A connection is told of once each time something new has happened to it, so that the kernel need not look
/// at it again after every turn; the listener and the bell as long as they have something.
struct Poller: ~Copyable {
    /// What is watched, as it comes back with an event.
    struct Token: Hashable, Sendable {
        let descriptor: Int32
        /// Tells a connection from an earlier one with the same descriptor.
        let generation: UInt32

        fileprivate var raw: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

        init(descriptor: Int32, generation: UInt32) {
            self.descriptor = descriptor
            self.generation = generation
        }

        fileprivate init(raw: UInt64) {
            descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: raw))
            generation = UInt32(truncatingIfNeeded: raw >> 32)
        }
    }

    struct Interest: OptionSet {
        let rawValue: UInt32

        /// Of a listener or a bell; and what is told of a connection where nothing but bytes has come.
        static let arrival = Interest(rawValue: EPOLLIN.rawValue)
        /// Bytes, or their end. Not together with `exclusive`, which the kernel refuses beside the end.
        static let input = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        /// The client sends nothing more; bytes may have come before.
        static let end = Interest(rawValue: EPOLLRDHUP.rawValue)
        static let output = Interest(rawValue: EPOLLOUT.rawValue)
        /// Wakes one of several pollers that watch the same listener.
        static let exclusive = Interest(rawValue: EPOLLEXCLUSIVE.rawValue)
        /// The connection is gone. Always watched.
        static let gone = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    private static let mostEvents = 256

    private let descriptor: Int32
    // Freed with the poller; only `wait` writes to it, and only `event` reads what the kernel said it had filled.
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: mostEvents)

    /// - Throws: where the process has no descriptor left.
    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError() }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    func add(_ token: Token, _ interest: Interest) throws(SystemError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token.raw))
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, token.descriptor, &event) == 0 else { throw SystemError() }
    }

    /// A connection, of which `wait` tells once for everything new. What is left unread or unwritten then is not told
    /// of again before `change`, or before more happens.
    func addConnection(_ token: Token) throws(SystemError) {
        try add(token, Interest.input.union(Self.edges))
    }

    /// Of a connection, so it cannot fail but by a mistake of the program. What it is ready for already is told, too.
    func change(_ token: Token, _ interest: Interest) {
        var event = epoll_event(
            events: interest.union(Self.edges).rawValue, data: epoll_data_t(u64: token.raw))
        epoll_ctl(descriptor, EPOLL_CTL_MOD, token.descriptor, &event)
    }

    private static let edges = Interest(rawValue: EPOLLET.rawValue)

    func remove(_ descriptor: Int32) { epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, nil) }

    /// Blocks until something happens, at most so long; nil for as long as it takes.
    /// - Returns: how many events there are.
    func wait(milliseconds: Int32?) -> Int {
        max(0, Int(epoll_wait(descriptor, events, Int32(Self.mostEvents), milliseconds ?? -1)))
    }

    /// - Parameter index: below what the last `wait` returned.
    func event(_ index: Int) -> (Token, Interest) {
        (Token(raw: events[index].data.u64), Interest(rawValue: events[index].events))
    }
}

/// What a system call refused with.
struct SystemError: Error {
    let code: Int32

    init(code: Int32 = errno) { self.code = code }

    var reason: String {
        switch code {
        case EADDRINUSE: "the address is in use by another program"
        case EADDRNOTAVAIL: "the address is not one of this machine"
        case EACCES: "permission denied"
        default: String(cString: strerror(code))
        }
    }
}
