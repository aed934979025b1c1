import KeybearerVerification
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The listener that answers gateways and services: `/v1/verify`, `/v1/authorize`, `/v1/introspect`, health and
/// metrics, over a strict HTTP/1.1 of its own.
public final class VerificationPlane: Service {
    private let settings: VerificationPlaneSettings
    private let endpoints: Endpoints
    private let registry: ConnectionRegistry
    private let clock: WallClock
    private let group: MultiThreadedEventLoopGroup
    private let onListening: @Sendable (_ port: Int?) -> Void
    private let logger: Logger
    private let isAccepting: IsAccepting

    /// - Parameters:
    ///   - cache: whose figures `/metrics` tells, as it does those of `meter`.
    ///   - readiness: whether the rest of the process is ready: its other listeners and whatever decisions need.
    ///   - onListening: called once the listener accepts, with its port; nil for a Unix socket.
    public init(
        settings: VerificationPlaneSettings, verifier: Verifier, cache: RecordCache, meter: UsageMeter,
        clock: WallClock, readiness: @escaping @Sendable () -> Bool, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int?) -> Void = { _ in }
    ) {
        let registry = ConnectionRegistry(limit: settings.limits.connections)
        let isAccepting = IsAccepting()
        self.settings = settings
        self.registry = registry
        self.clock = clock
        self.logger = logger
        self.onListening = onListening
        self.isAccepting = isAccepting
        group = .singleton
        endpoints = Endpoints(
            verifier: verifier, catalogue: settings.catalogue, routes: settings.routes,
            trustedProxies: settings.trustedProxies, secret: settings.secret.map(VerificationSecret.init),
            challenge: Challenge(realm: settings.realm),
            metrics: Metrics(cache: cache, meter: meter, connections: registry),
            isReady: { isAccepting.value && readiness() })
    }

    /// Whether the listener accepts connections.
    public var isListening: Bool { isAccepting.value }

    /// Serves until the service group shuts down gracefully or the task is cancelled; then the listener closes and
    /// requests in flight end, for at most `ConnectionLimits.drain`.
    ///
    /// - Throws: `VerificationPlaneError` where it cannot listen.
    public func run() async throws {
        let listener = try await listen()
        isAccepting.value = true
        onListening(listener.localAddress?.port)
        logger.info("verification plane listens", metadata: ["address": "\(settings.listen)"])
        await shutdownBegins()
        isAccepting.value = false
        await drain(listener)
    }

    private func listen() async throws(VerificationPlaneError) -> any Channel {
        let address = settings.listen
        guard address.isLocal || settings.secret != nil else { throw .secretRequired(address) }
        do {
            switch address {
            case .tcp(let host, let port):
                let tcp = bootstrap.childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                return try await tcp.bind(host: host, port: port).get()
            case .unix(let path):
                if await isServed(path) { throw VerificationPlaneError.cannotListen(address, reason: "it is in use") }
                return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            }
        } catch let error as VerificationPlaneError {
            throw error
        } catch {
            throw .cannotListen(address, reason: Self.reason(error))
        }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [endpoints, registry, clock, limits = settings.limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    var random = SystemRandomNumberGenerator()
                    let handler = ConnectionHandler(
                        endpoints: endpoints, registry: registry, limits: limits, clock: clock,
                        ids: RequestIDs(using: &random))
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
    }

    /// Whether somebody answers at the path: a socket file that nobody does is left over from a crash.
    private func isServed(_ path: String) async -> Bool {
        do {
            let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try await channel.close()
            return true
        } catch {
            return false
        }
    }

    private func shutdownBegins() async {
        do {
            try await gracefulShutdown()
        } catch {
            logger.debug("verification plane was cancelled")
        }
    }

    private func drain(_ listener: any Channel) async {
        let channels = registry.drain()
        do {
            try await listener.close()
        } catch {
            logger.warning("the listener did not close cleanly", metadata: ["error": "\(error)"])
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
        // Not cancelled with the task: what is in flight may end in either case.
        await Task.detached { [registry, limits = settings.limits] in
            let end = NIODeadline.now() + limits.drain
            while registry.counts.open > 0, NIODeadline.now() < end {
                do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
            }
        }.value
        let rest = registry.drain()
        guard !rest.isEmpty else { return }
        logger.warning("connections were cut at the end of the drain", metadata: ["count": "\(rest.count)"])
        for channel in rest { channel.close(promise: nil) }
    }

    private static func reason(_ error: any Error) -> String {
        guard let failure = error as? IOError else { return "\(error)" }
        return switch failure.errnoCode {
        case EADDRINUSE: "the address is in use by another program"
        case EADDRNOTAVAIL: "the address is not one of this machine"
        case EACCES: "permission denied"
        default: "\(failure)"
        }
    }
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
