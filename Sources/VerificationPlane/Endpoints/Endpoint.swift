/// Everything that this plane answers, by the raw bytes of the path. Nothing is decoded or normalized: a path that is
/// spelled differently is another path.
enum Endpoint: Sendable, Equatable {
    case verify
    case verifyBatch
    case authorize
    /// `/v1/authorize/…`, where what follows is the client's own path.
    case authorizePrefixed
    case introspect
    case health
    case readiness
    case metrics

    init?(path: ByteView) {
        if HTTPSyntax.isEqual(path, "/v1/verify") {
            self = .verify
        } else if HTTPSyntax.isEqual(path, "/v1/authorize") {
            self = .authorize
        } else if HTTPSyntax.isEqual(path.prefix(14), "/v1/authorize/") {
            self = .authorizePrefixed
        } else if HTTPSyntax.isEqual(path, "/v1/verify/batch") {
            self = .verifyBatch
        } else if HTTPSyntax.isEqual(path, "/v1/introspect") {
            self = .introspect
        } else if HTTPSyntax.isEqual(path, "/healthz") {
            self = .health
        } else if HTTPSyntax.isEqual(path, "/readyz") {
            self = .readiness
        } else if HTTPSyntax.isEqual(path, "/metrics") {
            self = .metrics
        } else {
            return nil
        }
    }

    /// The `Allow` field of an answer to another method; nil where every method is allowed.
    var allowed: StaticString? {
        switch self {
        case .verify, .verifyBatch, .introspect: "POST"
        case .health, .readiness, .metrics: "GET, HEAD"
        case .authorize, .authorizePrefixed: nil
        }
    }

    func allows(_ method: ByteView) -> Bool {
        switch self {
        case .verify, .verifyBatch, .introspect: HTTPSyntax.isEqual(method, "POST")
        case .health, .readiness, .metrics: HTTPSyntax.isEqual(method, "GET") || HTTPSyntax.isEqual(method, "HEAD")
        case .authorize, .authorizePrefixed: true
        }
    }

    /// Whether a load balancer that does not know the secret may ask.
    var isExemptFromSecret: Bool { self == .health || self == .readiness }

    /// Where `Authorization` is the caller's own, and not that of a request it asks about.
    var secretCarriers: VerificationSecret.Carriers {
        self == .metrics || self == .introspect ? .ownFieldOrBearer : .ownFieldOnly
    }
}
