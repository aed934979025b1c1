import Hummingbird
import NIOCore

/// A request context that carries the identity behind the request's API key, and the other end's address.
public protocol APIKeyRequestContext: RemoteAddressRequestContext {
    /// Set for the handlers behind `requireAPIKey`.
    var apiKey: APIKeyIdentity? { get set }
}

/// A context for applications that need no other.
public struct BasicAPIKeyRequestContext: APIKeyRequestContext {
    public var coreContext: CoreRequestContextStorage
    public var apiKey: APIKeyIdentity?
    public let remoteAddress: SocketAddress?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

extension APIKeyRequestContext {
    /// The identity, where the route is behind `requireAPIKey`.
    ///
    /// - Throws: 401 where it is not: a route that was meant to be protected answers nobody.
    public func requireAPIKeyIdentity() throws -> APIKeyIdentity {
        guard let apiKey else { throw HTTPError(.unauthorized) }
        return apiKey
    }
}
