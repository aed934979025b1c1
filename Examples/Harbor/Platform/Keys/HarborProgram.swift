import KeybearerEmbedding
import Logging
import ServiceLifecycle

/// Keybearer and Harbor in one process.
public struct HarborProgram: Sendable {
    private let settings: Platform.Settings
    private let host: String
    private let port: Int
    private let publicURL: String
    private let logger: Logger

    public init(settings: Platform.Settings, host: String, port: Int, publicURL: String, logger: Logger) {
        self.settings = settings
        self.host = host
        self.port = port
        self.publicURL = publicURL
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT.
    public func run(demo: Bool) async throws {
        let keybearer = try await Keybearer(
            HarborKeys.settings(folder: settings.folder.path, host: host, port: port, publicURL: publicURL),
            logger: logger)
        let platform = try Platform(settings, publicURL: publicURL, keybearer: keybearer, logger: logger)
        let lines = demo ? try await Demonstration(platform: platform).prepare(DemoPeople(keybearer: keybearer)) : nil
        let keys = try keybearer.services(serving: platform.router.buildResponder()) { [logger] _ in
            logger.info("ready")
            if let lines { print(lines) }
        }
        let group = ServiceGroup(
            configuration: .init(
                services: platform.services + keys, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
