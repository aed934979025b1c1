import CLinux
import Glibc
import Synchronization

/// What other threads tell an event loop: the only door into it.
final class Inbox: Sendable {
    enum Message: Sendable {
        /// The decision that a connection waits for. The number tells it from one whose time was over.
        case decided(Poller.Token, number: Int, Response)
        /// Nobody new; what is in flight may end until then.
        case drain(until: ContinuousClock.Instant)
    }

    private let messages = Mutex<[Message]>([])
    /// An eventfd(2) that the loop's poller watches; closed with the inbox, which the loop outlives nowhere.
    let bell: Int32

    init() throws(SystemError) {
        bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard bell >= 0 else { throw SystemError() }
    }

    deinit { close(bell) }

    func post(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if isFirst { eventfd_write(bell, 1) }
    }

    func takeAll() -> [Message] {
        var count: eventfd_t = 0
        eventfd_read(bell, &count)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
