import Foundation
import KeybearerAdministration
import KeybearerConsole
import KeybearerControlPlane
import KeybearerVerification
import KeybearerVerificationPlane

/// Everything that the program was told, checked: nothing after this point has to doubt a setting.
struct Configuration: Sendable {
    enum Listen: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    struct Verification: Sendable {
        let listen: Listen
        let secret: [UInt8]?
        let cacheBytes: Int
        let routes: [ForwardRoute]
        let isStrict: Bool
    }

    enum Database: Sendable, Hashable {
        /// One node.
        case sqlite(path: String)
        /// Any number of nodes; the URL may hold a password.
        case postgreSQL(url: String)

        var path: String? {
            if case .sqlite(let path) = self { path } else { nil }
        }
    }

    struct Control: Sendable {
        let listen: Listen
        let operatorListen: Listen?
        let tls: ControlPlaneSettings.Certificate?
        let connectionsPerAddress: Int
    }

    let database: Database
    let control: Control
    let verification: Verification
    let nodeName: String
    let leaseSeconds: Int
    let trustedProxies: TrustedProxies
    let rules: Rules
    /// What nodes that share a database have to agree on.
    let digest: ConfigurationDigest
    let brand: Brand
    /// Every effective value with its origin, secrets left out.
    let printed: String
    let warnings: [String]

    /// - Parameters:
    ///   - path: the file; nil takes `keybearer.yaml` of the working folder where there is one.
    ///   - data: the folder that holds the database, instead of `database.url`.
    /// - Throws: `ConfigurationError`.
    static func load(
        path: String?, data: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Configuration {
        let named = path ?? environment["KEYBEARER_CONFIG"]
        let file = named ?? (FileManager.default.fileExists(atPath: "keybearer.yaml") ? "keybearer.yaml" : nil)
        var contents: (path: String, text: String)?
        if let file {
            guard let bytes = FileManager.default.contents(atPath: file),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw ConfigurationError("\(file): cannot be read: check --config and the file's permissions") }
            contents = (file, text)
        }
        let folder = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."
        var flags: [String: String] = [:]
        if let data { flags["database.url"] = "sqlite:" + URL(fileURLWithPath: data).path + "/keybearer.sqlite" }
        let values = try SettingValues(file: contents, environment: environment, flags: flags)
        return try Configuration(values, folder: folder, environment: environment)
    }

    private init(_ values: SettingValues, folder: String, environment: [String: String]) throws {
        let reader = SettingReader(values: values, folder: folder, environment: environment)
        printed = try values.printed()
        warnings = values.warnings
        database = try reader.database()
        control = Control(
            listen: try reader.listen("control.listen"),
            operatorListen: try reader.optionalListen("operator.listen"), tls: try reader.certificate("control.tls"),
            connectionsPerAddress: try reader.number("limits.connections_per_address"))
        verification = Verification(
            listen: try reader.listen("verification.listen"),
            secret: try reader.secret("verification.secret", atLeast: 16),
            cacheBytes: try reader.number("verification.cache_bytes"), routes: try reader.routes(),
            isStrict: try reader.flag("verification.strict"))
        nodeName = try reader.optionalText("cluster.node_name") ?? ProcessInfo.processInfo.hostName
        leaseSeconds = try reader.number("cluster.lease_seconds")
        trustedProxies = TrustedProxies(try reader.blocks("network.trusted_proxies"))
        rules = try reader.rules()
        digest = try reader.digest(rules)
        brand = try reader.brand()
        if verification.secret == nil, !verification.listen.isLocal {
            throw try reader.value("verification.listen").fault(
                "an address that others can reach needs verification.secret")
        }
    }
}

extension Configuration.Listen {
    /// Whether only programs of this machine can connect.
    var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            host == "localhost" || (CIDRBlock("127.0.0.0/8")?.containsText(host) ?? false) || host == "::1"
        }
    }
}

extension CIDRBlock {
    fileprivate func containsText(_ text: String) -> Bool { IPAddress(text).map(contains) ?? false }
}
