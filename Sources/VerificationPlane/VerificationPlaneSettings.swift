import KeybearerVerification

/// What an operator decides about the verification plane.
public struct VerificationPlaneSettings: Sendable {
    public var listen: ListenAddress
    /// What callers must show; an address that is neither loopback nor a Unix socket cannot do without.
    public var secret: [UInt8]?
    public var trustedProxies: TrustedProxies
    public var catalogue: PermissionCatalogue
    /// In their order: the first that matches decides.
    public var routes: [ForwardRoute]
    /// Of `WWW-Authenticate`.
    public var realm: String
    public var limits: ConnectionLimits

    public init(
        listen: ListenAddress, secret: [UInt8]?, trustedProxies: TrustedProxies, catalogue: PermissionCatalogue,
        routes: [ForwardRoute], realm: String, limits: ConnectionLimits = ConnectionLimits()
    ) {
        self.listen = listen
        self.secret = secret
        self.trustedProxies = trustedProxies
        self.catalogue = catalogue
        self.routes = routes
        self.realm = realm
        self.limits = limits
    }
}

/// How long a connection may take over things, and how many there may be (A18).
public struct ConnectionLimits: Sendable {
    /// From a head's first byte to its last.
    public var head = Duration.seconds(5)
    /// From a head's last byte to its body's.
    public var body = Duration.seconds(10)
    /// Between requests, and for a client to take what it was answered.
    public var idle = Duration.seconds(30)
    /// For a decision that needs the store; then the answer is 503.
    public var decision = Duration.seconds(10)
    /// After a refusal, for the client to read it before the connection is cut.
    public var linger = Duration.seconds(2)
    /// For requests in flight once a shutdown has begun.
    public var drain = Duration.seconds(15)
    /// Over all peers: those of this plane are gateways, each with as many connections as its load asks for.
    public var connections = 8192

    public init() {}
}
