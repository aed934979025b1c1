import KeybearerAdministration
import KeybearerConsole
import KeybearerControlPlane
import KeybearerVerification

/// What a program decides about the Keybearer inside it.
public struct KeybearerSettings: Sendable {
    /// Made where there is none; its folder too.
    public var databasePath: String
    /// Prefix, permissions, roles, plans, and who manages keys.
    public var rules: Rules
    public var listen: ControlPlaneSettings.Listen
    /// What the pages are called.
    public var brand: Brand
    /// Whose `X-Forwarded-For` is believed: nobody's where left out.
    public var trustedProxies = TrustedProxies([])
    /// This process's name in the answers to revokes.
    public var nodeName: String
    /// nil behind a proxy that speaks TLS, or on loopback.
    public var tls: ControlPlaneSettings.Certificate?
    public var limits = EdgeLimits()
    /// Memory for key records, in bytes; where not all fit, at most a quarter of it for their digests.
    public var cacheBytes = 256 << 20
    /// How long requests in flight may take once the program is told to end.
    public var drainTimeout = Duration.seconds(15)

    /// - Parameters:
    ///   - name: the product's, of 60 characters at most.
    ///   - port: 0 takes any free one.
    public init(name: String, databasePath: String, rules: Rules, host: String = "127.0.0.1", port: Int) {
        self.databasePath = databasePath
        self.rules = rules
        listen = .tcp(host: host, port: port)
        brand = Brand(name: name, colour: nil, logo: nil, helpLink: nil)
        nodeName = name.lowercased()
    }

    var controlPlane: ControlPlaneSettings {
        var settings = ControlPlaneSettings(
            listen: listen, publicURL: rules.publicURL, tls: tls, trustedProxies: trustedProxies, realm: nodeName,
            limits: limits, drainTimeout: drainTimeout)
        settings.brand = brand
        return settings
    }
}
