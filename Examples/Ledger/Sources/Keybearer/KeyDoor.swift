import Hummingbird
import KeybearerClient
import KeybearerHummingbird
import KeybearerVerification
import NIOCore

/// What a request carries through the program.
struct LedgerContext: APIKeyRequestContext {
    var coreContext: CoreRequestContextStorage
    /// On the API: whose key it is.
    var apiKey: APIKeyIdentity?
    /// On the pages: who is signed in.
    var visitor: Visitor?
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// The key's workspace. Nothing that a request says can name another one.
    func workspace(in books: Books) async throws -> WorkspaceBooks {
        let organization = try requireAPIKeyIdentity().organizationID
        guard let workspace = try await books.workspace(organizationID: organization) else {
            throw HTTPError(.forbidden, message: "This key's organization has no workspace.")
        }
        return WorkspaceBooks(books, workspace)
    }
}

/// Lets requests in by their key: asks Keybearer's verification plane, for each of them.
struct KeyDoor: Sendable {
    private let verifier: RemoteVerifier
    private let gateways: TrustedProxies

    /// - Parameter gateways: CIDR blocks; whose word on the client's address counts.
    init?(verification: String, gateways: [String]) {
        let blocks = gateways.compactMap { CIDRBlock($0) }
        guard let server = ServerAddress(verification), blocks.count == gateways.count else { return nil }
        verifier = RemoteVerifier(server)
        self.gateways = TrustedProxies(blocks)
    }

    /// Routes for keys that may do something, such as `invoice:read`, or `invoice/{id}:read` with the path's own `id`.
    func group(_ routes: RouterGroup<LedgerContext>, needing permission: String) -> RouterGroup<LedgerContext> {
        routes.group().requireAPIKey(by: verifier, trustedProxies: gateways) { _, context in
            // An identifier that none of ours can be is asked about as any: the route then finds nothing.
            let id = context.parameters.get("id").flatMap { Permission("any/\($0):read") == nil ? nil : $0 }
            return permission.replacing("/{id}", with: id.map { "/\($0)" } ?? "")
        }
    }
}
