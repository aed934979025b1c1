import HummingbirdCore
import KeybearerAdministration
import KeybearerVerification
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The listener that people and programs manage keys through: the API under `/v1`, its description, and the pages that
/// links lead to.
public struct ControlPlane: Service {
    /// A process that answers verifications, as the operator sees it.
    public struct Node: Sendable, Hashable {
        public let name: String
        /// Whether its lease runs.
        public let isLive: Bool
        /// The newest revision that it has applied.
        public let acknowledgedRevision: Int64
        public let lastSeenAt: Timestamp

        public init(name: String, isLive: Bool, acknowledgedRevision: Int64, lastSeenAt: Timestamp) {
            self.name = name
            self.isLive = isLive
            self.acknowledgedRevision = acknowledgedRevision
            self.lastSeenAt = lastSeenAt
        }
    }

    /// Why the plane does not start.
    public enum StartError: Error, CustomStringConvertible, Sendable {
        /// - Parameter reason: the system's words, such as "Address already in use".
        case cannotListen(on: String, reason: String)
        case certificate(String)
        /// Routes and operations do not match: a mistake of the program.
        case routes([String])

        public var description: String {
            switch self {
            case .cannotListen(let place, let reason): "the control plane cannot listen on \(place): \(reason)"
            case .certificate(let reason): "the control plane's certificate cannot be used: \(reason)"
            case .routes(let faults): "the control plane's routes are incomplete: \(faults.joined(separator: "; "))"
            }
        }
    }

    /// The product that the plane is part of: it is asked for every path that the plane has nothing at, behind the same
    /// strict reading of requests and the same bounds. What it throws closes the connection.
    public typealias Host = @Sendable (Request, any Channel) async throws -> Response

    /// Every call of the API that can be made, with the operation that decides who may.
    public static var routeTable: [(method: String, path: String, operation: Operation)] {
        (Route.api + Route.operatorAPI).map {
            (method: $0.method.rawValue, path: $0.path.text, operation: $0.operation)
        }
    }

    static let allRoutes = Route.api + Route.operatorAPI + Route.pages

    private let settings: ControlPlaneSettings
    private let endpoints: Endpoints
    private let site: Site
    private let logger: Logger
    private let onListening: @Sendable (Int?) async -> Void
    private let listener: Listener
    private let host: Host?

    /// - Parameters:
    ///   - isReady: whether the process can decide safely and all its listeners accept; `/readyz` asks it.
    ///   - nodes: what `GET /v1/operator/nodes` and the settings page show.
    ///   - host: answers on the main listener what the plane does not; nil for 404.
    ///   - onListening: called once every listener of the plane accepts, with the port of the first; nil for a Unix
    ///     socket.
    /// - Throws: `StartError` where the routes do not match the operations.
    public init(
        _ settings: ControlPlaneSettings, administration: Administration, logger: Logger,
        isReady: @escaping @Sendable () async -> Bool, nodes: @escaping @Sendable () async throws -> [Node],
        host: Host? = nil, onListening: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) throws {
        let faults = RouteTable.faults(Self.allRoutes)
        guard faults.isEmpty else { throw StartError.routes(faults) }
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        site = Site(publicURL: settings.publicURL)
        endpoints = Endpoints(
            administration: administration,
            verificationSecret: settings.verificationSecret.map { VerificationSecret($0) }, isReady: isReady,
            nodes: nodes,
            console: try Console(
                administration: administration, site: site, brand: settings.brand, logger: logger, nodes: nodes))
        listener = Listener(
            limits: settings.limits,
            connections: ConnectionCount(limits: settings.limits, exempt: settings.trustedProxies),
            tls: settings.tls, logger: logger)
        self.host = host
    }

    /// Serves until graceful shutdown has drained the connections, at most for `drainTimeout`.
    ///
    /// - Throws: `StartError` where a listener cannot be opened.
    public func run() async throws {
        let main = settings.operatorListen == nil ? Self.allRoutes : Route.api + Route.pages
        var servers = [(settings.listen, dispatcher(main, Document.all))]
        if let place = settings.operatorListen {
            servers.append((place, dispatcher(Route.operatorAPI, Document.health)))
        }
        let accepting = Accepting(expected: servers.count, onListening)
        let drainTimeout = settings.drainTimeout
        try await withThrowingTaskGroup(of: Ended.self) { group in
            for (index, (place, dispatcher)) in servers.enumerated() {
                let service = try listener.service(on: place, dispatcher, host: index == 0 ? host : nil) { channel in
                    await accepting.note(index, port: channel.localAddress?.port)
                }
                group.addTask {
                    try await Self.run(service, on: place)
                    return .server
                }
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: drainTimeout)
                return .patience
            }
            // The servers end by themselves once they are drained; patience ends first where they do not.
            var running = servers.count
            while running > 0, let ended = try await group.next(), ended == .server { running -= 1 }
            group.cancelAll()
        }
    }

    private enum Ended: Sendable { case server, patience }

    private static func run(_ service: any Service, on place: ControlPlaneSettings.Listen) async throws {
        do {
            try await service.run()
        } catch let error as IOError {
            // The description names the system call before the colon; people need what comes after it.
            let reason = error.description.split(separator: ": ", maxSplits: 1).last.map { $0.prefix { $0 != ")" } }
            throw StartError.cannotListen(on: place.description, reason: String(reason ?? "refused"))
        } catch let error as StartError {
            throw error
        } catch is CancellationError {
            return
        } catch {
            throw StartError.cannotListen(on: place.description, reason: "\(error)")
        }
    }

    private func dispatcher(_ routes: [Route], _ documents: [Document]) -> Dispatcher {
        Dispatcher(
            table: RouteTable(routes: routes, documents: documents), endpoints: endpoints,
            authenticator: Authenticator(administration: endpoints.administration),
            trustedProxies: settings.trustedProxies,
            standard: StandardFields(isHTTPS: site.isHTTPS), realm: settings.realm,
            pages: PageDoor(console: endpoints.console, logger: logger), logger: logger)
    }
}

/// Waits until every listener accepts, then says so once.
private actor Accepting {
    private let expected: Int
    private let report: @Sendable (Int?) async -> Void
    private var ports: [Int: Int?] = [:]

    init(expected: Int, _ report: @escaping @Sendable (Int?) async -> Void) {
        self.expected = expected
        self.report = report
    }

    func note(_ index: Int, port: Int?) async {
        ports[index] = .some(port)
        guard ports.count == expected else { return }
        await report(ports[0] ?? nil)
    }
}

extension ControlPlaneSettings.Listen: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
