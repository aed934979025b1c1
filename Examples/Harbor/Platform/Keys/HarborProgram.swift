import Foundation
import Hummingbird
import KeybearerEmbedding
import Logging
import ServiceLifecycle
import UnixSignals

/// Keybearer and Harbor in one process.
public enum HarborProgram {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - host: where API and console listen.
    ///   - publicURL: where people reach them, without a trailing slash.
    public static func serve(
        _ settings: Platform.Settings, host: String, port: Int, publicURL: String, demo: Bool, logger: Logger
    ) async throws {
        let keybearer = try await Keybearer(
            HarborKeys.settings(folder: settings.folder.path, host: host, port: port, publicURL: publicURL),
            logger: logger)
        let platform = try Platform(settings, publicURL: publicURL, keybearer: keybearer, logger: logger)
        let lines = demo ? try await Demonstration(platform: platform).prepare(DemoPeople(keybearer: keybearer)) : nil
        let keys = try keybearer.services(
            serving: platform.router.buildResponder(),
            onListening: { _ in
                logger.info("ready")
                if let lines { FileHandle.standardOutput.write(Data(lines.utf8)) }
            })
        try await ServiceGroup(
            services: platform.services + keys, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
