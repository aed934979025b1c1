import Logging
import ServiceLifecycle
import Synchronization

/// Counts the listeners that accept.
final class Readiness: Sendable {
    private let missing: Mutex<Int>

    init(listeners: Int) { missing = Mutex(listeners) }

    var isReady: Bool { missing.withLock { $0 <= 0 } }

    func noteListening() { missing.withLock { $0 -= 1 } }
}

/// Says once that the program is ready.
struct Announcement: Service {
    let readiness: Readiness
    let announce: @Sendable () -> Void

    init(readiness: Readiness, announce: @escaping @Sendable () -> Void) {
        self.readiness = readiness
        self.announce = announce
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                while !readiness.isReady { try await Task.sleep(for: .milliseconds(5)) }
                announce()
                try await gracefulShutdown()
            } catch {
                return
            }
        }
    }
}
