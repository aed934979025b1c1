import CLinux
import Foundation
import KeybearerVerification
import Logging
import ServiceLifecycle
import Synchronization

/// The listener that answers gateways and services: `/v1/verify`, `/v1/authorize`, `/v1/introspect`, health and
/// metrics, over a strict HTTP/1.1 of its own on epoll, with one event loop for each core that the process may use.
public final class VerificationPlane: Service {
    private let settings: VerificationPlaneSettings
    private let endpoints: Endpoints
    private let counts: ConnectionCounts
    private let clock: WallClock
    private let onListening: @Sendable (_ port: Int?) -> Void
    private let logger: Logger
    private let isAccepting: IsAccepting

    /// - Parameters:
    ///   - cache: whose figures `/metrics` tells, as it does those of `meter`.
    ///   - readiness: whether the rest of the process is ready: its other listeners and whatever decisions need.
    ///   - others: what else of this process `/metrics` tells.
    ///   - onListening: called once the listener accepts, with its port; nil for a Unix socket.
    public init(
        settings: VerificationPlaneSettings, verifier: Verifier, cache: RecordCache, meter: UsageMeter,
        clock: WallClock, readiness: @escaping @Sendable () -> Bool,
        others: @escaping @Sendable () -> [MetricSample] = { [] }, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int?) -> Void = { _ in }
    ) {
        let counts = ConnectionCounts(limit: settings.limits.connections)
        let isAccepting = IsAccepting()
        self.settings = settings
        self.counts = counts
        self.clock = clock
        self.logger = logger
        self.onListening = onListening
        self.isAccepting = isAccepting
        endpoints = Endpoints(
            verifier: verifier, catalogue: settings.catalogue, routes: settings.routes,
            trustedProxies: settings.trustedProxies, secret: settings.secret.map(VerificationSecret.init),
            challenge: Challenge(realm: settings.realm),
            metrics: Metrics(cache: cache, meter: meter, connections: counts, others: others),
            isReady: { isAccepting.value && readiness() })
    }

    /// Whether the listener accepts connections.
    public var isListening: Bool { isAccepting.value }

    /// Serves until the service group shuts down gracefully or the task is cancelled; then the listener closes and
    /// requests in flight end, for at most `ConnectionLimits.drain`.
    ///
    /// - Throws: `VerificationPlaneError` where it cannot listen.
    public func run() async throws {
        let address = settings.listen
        guard address.isLocal || settings.secret != nil else { throw VerificationPlaneError.secretRequired(address) }
        let listener = try Listener(address, loops: Cores.usable)
        let loops = try listener.descriptors.indices.map { try LoopThread(number: $0, listener, self) }
        isAccepting.value = true
        onListening(listener.port)
        logger.info("verification plane listens", metadata: ["address": "\(address)", "loops": "\(loops.count)"])
        await shutdownBegins()
        isAccepting.value = false
        let end = ContinuousClock.now + settings.limits.drain
        for loop in loops { loop.inbox.post(.drain(until: end)) }
        var cut = 0
        for loop in loops { cut += await loop.end() }
        if cut > 0 {
            logger.warning("connections were cut at the end of the drain", metadata: ["count": "\(cut)"])
        }
    }

    private func shutdownBegins() async {
        do {
            try await gracefulShutdown()
        } catch {
            logger.debug("verification plane was cancelled")
        }
    }

    /// A thread with its event loop.
    private struct LoopThread {
        let inbox: Inbox
        private let ended: AsyncStream<Int>

        init(number: Int, _ listener: Listener, _ plane: VerificationPlane) throws(VerificationPlaneError) {
            do throws(SystemError) {
                inbox = try Inbox()
            } catch {
                throw .cannotListen(plane.settings.listen, reason: error.reason)
            }
            let (ended, end) = AsyncStream.makeStream(of: Int.self)
            self.ended = ended
            let thread = Thread { [inbox, plane] in
                // Only a thread itself can give itself the name that the kernel shows.
                Thread.current.name = "verification-\(number)"
                defer { end.finish() }
                do throws(SystemError) {
                    let loop = try EventLoop(
                        endpoints: plane.endpoints, limits: plane.settings.limits, inbox: inbox, listener: listener,
                        number: number, counts: plane.counts, clock: plane.clock)
                    end.yield(loop.run())
                } catch {
                    plane.logger.critical("an event loop cannot run", metadata: ["reason": "\(error.reason)"])
                }
            }
            thread.start()
        }

        /// - Returns: how many connections had to be cut.
        func end() async -> Int {
            for await cut in ended { return cut }
            return 0
        }
    }
}

/// The processor's cores that this process may run on.
enum Cores {
    static var usable: Int { Int(keybearer_usable_processors()) }
}

/// A flag that the listener sets and readiness reads, from different threads.
private final class IsAccepting: Sendable {
    private let flag = Atomic(false)

    var value: Bool {
        get { flag.load(ordering: .relaxed) }
        set { flag.store(newValue, ordering: .relaxed) }
    }
}

extension ListenAddress {
    /// Whether only programs of this machine can reach it. Of names only `localhost` is known to be one.
    var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            host.utf8.elementsEqual("localhost".utf8) || IPAddress(host)?.isLoopback == true
        }
    }
}
