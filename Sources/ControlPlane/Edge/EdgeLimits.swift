/// What one connection may cost before anything is known of who uses it.
public struct EdgeLimits: Sendable, Hashable {
    /// Request line and header fields together.
    public var headBytes = 16 * 1024
    public var headFields = 64
    public var bodyBytes = 64 * 1024
    /// From a head's first byte to its last.
    public var headTimeout: Duration = .seconds(5)
    /// From the end of the head to the end of the body.
    public var bodyTimeout: Duration = .seconds(10)
    /// Between two requests.
    public var idleTimeout: Duration = .seconds(30)
    /// How many connections one address may hold at once; trusted proxies speak for many and are exempt.
    public var connectionsPerAddress = 256
    /// How many connections there may be at once, whoever holds them.
    public var connections = 8192

    public init() {}
}
