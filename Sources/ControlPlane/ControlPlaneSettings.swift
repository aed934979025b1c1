import KeybearerConsole
import KeybearerVerification

/// Where the control plane listens and how it is reached.
public struct ControlPlaneSettings: Sendable {
    public enum Listen: Sendable, Hashable {
        /// Port 0 takes any free one.
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// Files in PEM form.
    public struct Certificate: Sendable, Hashable {
        /// The certificate, then those between it and a root.
        public let certificatePath: String
        public let keyPath: String

        public init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    public var listen: Listen
    /// Where `/v1/operator` is served instead, and only there.
    public var operatorListen: Listen?
    /// Where people reach the control plane, without a trailing slash; decides whether cookies are `Secure`.
    public var publicURL: String
    /// nil for plain HTTP, behind a proxy that speaks TLS or on loopback.
    public var tls: Certificate?
    public var trustedProxies: TrustedProxies
    /// What callers of `POST /v1/verify` must show.
    public var verificationSecret: [UInt8]?
    /// Named in `WWW-Authenticate`; neither quotation marks nor backslashes.
    public var realm: String
    public var limits: EdgeLimits
    /// The operator's name and looks on the pages.
    public var brand = Brand.standard
    /// How long requests in flight may take once the service is told to end.
    public var drainTimeout: Duration

    public init(
        listen: Listen, operatorListen: Listen? = nil, publicURL: String, tls: Certificate? = nil,
        trustedProxies: TrustedProxies = TrustedProxies([]), verificationSecret: [UInt8]? = nil,
        realm: String = "keybearer", limits: EdgeLimits = EdgeLimits(), drainTimeout: Duration = .seconds(20)
    ) {
        self.listen = listen
        self.operatorListen = operatorListen
        self.publicURL = publicURL
        self.tls = tls
        self.trustedProxies = trustedProxies
        self.verificationSecret = verificationSecret
        self.realm = realm
        self.limits = limits
        self.drainTimeout = drainTimeout
    }
}
