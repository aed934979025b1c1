import Foundation
import Synchronization

/// Under which name the commands run: another product mounts them in its own program.
///
///     @main struct Harbor: AsyncParsableCommand {
///         static let configuration = CommandConfiguration(
///             commandName: "harbor", subcommands: [Deploy.self] + RemoteCommands.all)
///         static func main() async {
///             await CommandLineKit.main(Self.self, brand: Brand(name: "harbor", server: "https://harbor.example"))
///         }
///     }
public struct Brand: Sendable, Hashable {
    /// The program's name in what it prints.
    public let name: String
    /// Goes before `API_KEY`, `URL`, `PROFILE`, `ORGANIZATION` and `CONFIG_DIR`; ends in an underscore.
    public let environmentPrefix: String
    /// The folder below `$XDG_CONFIG_HOME` or `~/.config` that profiles are kept in.
    public let configurationFolder: String
    /// The server where neither flag, environment nor profile names one.
    public let server: String?
    public let version: String

    /// - Parameters:
    ///   - environmentPrefix: nil makes `HARBOR_` of `harbor`.
    ///   - configurationFolder: nil is the name.
    public init(
        name: String, environmentPrefix: String? = nil, configurationFolder: String? = nil, server: String? = nil,
        version: String = "0"
    ) {
        self.name = name
        self.environmentPrefix = environmentPrefix ?? name.uppercased().replacing("-", with: "_") + "_"
        self.configurationFolder = configurationFolder ?? name
        self.server = server
        self.version = version
    }

    public static let keybearer = Brand(name: "keybearer", version: "0.1.0")

    private static let mounted = Mutex(Brand.keybearer)

    /// The one that `CommandLineKit.main` was called with.
    public static var current: Brand { mounted.withLock { $0 } }

    static func mount(_ brand: Brand) { mounted.withLock { $0 = brand } }

    /// The value of a variable of this brand; nil where it is not set or empty.
    func environment(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[environmentPrefix + name]
        return value?.isEmpty == false ? value : nil
    }
}
