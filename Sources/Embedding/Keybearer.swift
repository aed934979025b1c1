import HTTPTypes
import Hummingbird
import KeybearerAPI
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerStore
import KeybearerVerification
import Logging
import NIOCore
import ServiceLifecycle

/// Keybearer inside another program: one SQLite database, the console and the API on the program's own listener, and
/// decisions without a hop.
///
///     let keybearer = try await Keybearer(settings, logger: logger)
///     let router = Router(context: BasicAPIKeyRequestContext.self)
///     router.group("projects/:id").add(middleware: RequirePermission(by: keybearer) { _, context in
///         "project/\(try context.parameters.require("id")):deploy"
///     })
///     try await ServiceGroup(configuration: .init(
///         services: try keybearer.services(serving: router.buildResponder()).map { .init(service: $0) },
///         gracefulShutdownSignals: [.sigterm], logger: logger)).run()
///
/// One process holds the database at a time; local commands of `keybearer` work beside it (`--data FOLDER`).
public struct Keybearer: Sendable {
    public let administration: Administration
    /// The hot path: asks memory, not the database.
    public let verifier: Verifier
    public let settings: KeybearerSettings
    private let store: Store
    private let memory: RecordCache
    private let source: LedgerRecordSource
    private let clock: WallClock
    private let logger: Logger

    /// Opens the database, makes it where there is none, and brings its schema up to date.
    ///
    /// - Throws: `StoreError` with one line that says what to do.
    public init(_ settings: KeybearerSettings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        let rules = settings.rules
        let database = try SQLiteDatabase(path: settings.databasePath, mode: .server)
        let meter = UsageMeter()
        memory = RecordCache(capacityInBytes: settings.cacheBytes, meter: meter)
        let time = SystemTime(notBefore: Timestamp(microseconds: 0))
        clock = WallClock { time.now() }
        store = try await Store(
            database: database, memory: memory, nodeName: settings.nodeName, clock: clock, logger: logger)
        // A clock that was set back must not revive what had expired when the database was last written.
        if let newest = try await store.newestTime() { time.raise(floor: newest) }
        source = LedgerRecordSource(ledger: store, rules: rules)
        verifier = Verifier(
            format: rules.keyFormat, peppers: rules.peppers, cache: memory, source: source, freshness: store,
            clock: clock,
            report: { logger.error("a verification could not be decided: \(String(describing: type(of: $0)))") })
        administration = Administration(
            ledger: store, rules: rules, verifier: verifier, meter: meter, clock: clock, logger: logger)
    }

    /// What has to run: the listener with console and API, and the writing of what was counted. In a service group,
    /// counts of the last seconds are written after the listener's end only where these come in this order.
    ///
    /// - Parameters:
    ///   - host: answers every path that Keybearer has nothing at; a router's `buildResponder()`.
    ///   - isReady: what `/readyz` asks besides whether keys can be decided.
    ///   - onListening: called once the listener accepts, with its port.
    /// - Throws: `ControlPlane.StartError`.
    public func services<Responder: HTTPResponder>(
        serving host: Responder, isReady: @escaping @Sendable () async -> Bool = { true },
        onListening: @escaping @Sendable (Int?) async -> Void = { _ in }
    ) throws -> [any Service]
    where Responder.Context: RequestContext, Responder.Context.Source == ApplicationRequestContextSource {
        let plane = try ControlPlane(
            settings.controlPlane, administration: administration, logger: logger,
            isReady: { [store] in store.canDecide() ? await isReady() : false },
            nodes: { [settings, store, clock] in
                [
                    ControlPlane.Node(
                        name: settings.nodeName, isLive: true, acknowledgedRevision: store.revision,
                        lastSeenAt: clock.now())
                ]
            },
            host: { [logger] request, channel in
                await Self.answer(request, channel, by: host, logger)
            }, onListening: onListening)
        return [
            EmbeddedUpkeep(administration: administration) { [source, memory, logger] in
                await source.keepFilled(memory, logger: logger)
            }, plane,
        ]
    }

    /// What the host answers; its errors as problems (RFC 9457), like Keybearer's own.
    private static func answer<Responder: HTTPResponder>(
        _ request: Request, _ channel: any Channel, by host: Responder, _ logger: Logger
    ) async -> Response
    where Responder.Context: RequestContext, Responder.Context.Source == ApplicationRequestContextSource {
        // Contexts read the request's name from their logger's metadata.
        var logger = logger
        logger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
        let context = Responder.Context(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        do {
            let response = try await host.respond(to: request, context: context)
            guard response.status == .notFound, response.body.contentLength == 0 else { return response }
            throw HTTPError(.notFound)
        } catch let error as HTTPError {
            let code = error.status == .notFound ? "not_found" : "http_\(error.status.code)"
            return .problem(error.status, code, error.body ?? "There is nothing at this path.", context)
        } catch let error as any HTTPResponseError {
            do {
                return try error.response(from: request, context: context)
            } catch {
                return .problem(.internalServerError, "internal_error", "Something went wrong here.", context)
            }
        } catch {
            logger.error("a request could not be answered", metadata: ["error": "\(type(of: error))"])
            return .problem(.internalServerError, "internal_error", "Something went wrong here.", context)
        }
    }
}

extension Response {
    static func problem(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, _ context: some RequestContext
    ) -> Response {
        let problem = Problem(status: status.code, code: code, detail: detail)
        return Response(
            status: status, headers: [.contentType: Problem.contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: problem.json(requestID: context.id).serialized())))
    }
}
