import ArgumentParser
import Foundation
import KeybearerAdministration
import KeybearerCommands
import KeybearerControlPlane
import KeybearerStore
import KeybearerVerification
import KeybearerVerificationPlane
import Logging
import ServiceLifecycle
import UnixSignals

/// `keybearer serve`: both planes on one database, until SIGTERM or SIGINT. The only place that sees every room.
struct Serve: AsyncParsableCommand {
    enum Plane: String, ExpressibleByArgument, CaseIterable { case control, verification, both }

    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the control plane and the verification plane.")

    @OptionGroup var options: DatabaseOptions
    @Flag(help: "Fill the database with two demo organizations and print lines to try.") var demo = false
    @Option(help: "Which plane to serve: control, verification or both.") var plane: Plane = .both
    @Flag(help: "Print the effective settings with their origin, without secrets, and end.") var printConfig = false

    func validate() throws {
        guard !demo || plane == .both else { throw ValidationError("--demo shows both planes: leave --plane out") }
    }

    func run() async throws {
        let configuration = try options.load()
        if printConfig {
            for warning in configuration.warnings { Terminal.note("keybearer: warning: \(warning)") }
            Terminal.print(configuration.printed)
            return
        }
        // Seeded hashing is what keeps a flood of chosen keys from slowing every table down (A19).
        guard ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil else {
            throw ConfigurationError("SWIFT_DETERMINISTIC_HASHING is set: unset it, hash tables would be predictable")
        }
        LoggingSystem.bootstrap { LineLog(label: $0) }
        let logger = Logger(label: "keybearer")
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let node = try await ServingNode(configuration, .server, logger: logger)
        try await node.mustHaveNoPlainDigests()
        if !demo, try await Demonstration.isIn(node.store) {
            logger.warning("this database holds the demonstration's accounts, whose password is published")
        }
        let demonstration = demo ? try await Demonstration(node, configuration).prepare() : nil
        let readiness = Readiness(listeners: plane == .both ? 2 : 1)
        var planes: [any Service] = []
        if plane != .verification {
            planes.append(try controlPlane(configuration, node, readiness, logger))
        }
        if plane != .control {
            planes.append(verificationPlane(configuration, node, readiness, logger))
        }
        let announcement = Announcement(readiness: readiness) {
            logger.info("ready")
            Precedence.give()
            demonstration.map { Terminal.print($0) }
        }
        let services: [any Service] = [
            Upkeep(administration: node.administration) {
                if readiness.isReady { Precedence.give() }
            } keepMemoryFilled: {
                await node.keepMemoryFilled(logger)
            },
            Planes(planes: planes, threads: node.threads), announcement,
        ]
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = Self.drain + .seconds(1)
        try await ServiceGroup(configuration: group).run()
        await node.administration.flushUsage()
        await node.administration.flushRefusals(all: true)
        await node.store.leave()
    }

    /// As long as the verification plane's; with the counters written after it, a stop stays within 20 seconds.
    private static let drain = Duration.seconds(15)

    private func controlPlane(
        _ configuration: Configuration, _ node: ServingNode, _ readiness: Readiness, _ logger: Logger
    ) throws -> ControlPlane {
        var limits = EdgeLimits()
        limits.connectionsPerAddress = configuration.control.connectionsPerAddress
        var settings = ControlPlaneSettings(
            listen: configuration.control.listen.forControl,
            operatorListen: configuration.control.operatorListen?.forControl,
            publicURL: configuration.rules.publicURL, tls: configuration.control.tls,
            trustedProxies: configuration.trustedProxies, verificationSecret: configuration.verification.secret,
            limits: limits, drainTimeout: Self.drain)
        settings.brand = configuration.brand
        return try ControlPlane(
            settings, administration: node.administration, logger: logger,
            isReady: { readiness.isReady && node.canDecide() },
            nodes: { try await node.nodes() },
            onListening: { _ in readiness.noteListening() })
    }

    private func verificationPlane(
        _ configuration: Configuration, _ node: ServingNode, _ readiness: Readiness, _ logger: Logger
    ) -> VerificationPlane {
        VerificationPlane(
            settings: VerificationPlaneSettings(
                listen: configuration.verification.listen.forVerification, secret: configuration.verification.secret,
                trustedProxies: configuration.trustedProxies, catalogue: configuration.rules.catalogue,
                routes: configuration.verification.routes, realm: "keybearer"),
            verifier: node.verifier, cache: node.memory, meter: node.meter, clock: node.clock,
            readiness: { readiness.isReady && node.canDecide() }, others: { node.samples() }, logger: logger,
            onListening: { _ in readiness.noteListening() })
    }
}

extension Configuration.Listen {
    fileprivate var forControl: ControlPlaneSettings.Listen {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    fileprivate var forVerification: ListenAddress {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
