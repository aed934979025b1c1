import KeybearerAPI

/// Asks a Keybearer server's verification plane whether a key may do something, over connections that stay open.
///
/// What cannot be decided is denied: without an answer the verdict is `unavailable`, never an error that a program
/// could take for a yes by accident.
public struct RemoteVerifier: Sendable {
    private let client: Client

    /// - Parameters:
    ///   - server: the verification plane, such as `http://127.0.0.1:8081` or `unix:/run/keybearer.sock`.
    ///   - secret: `verification.secret`, where the server asks for it.
    ///   - deadline: for one verdict, a repetition included.
    public init(_ server: ServerAddress, secret: Credential? = nil, deadline: Duration = .seconds(2)) {
        var client = Client(server, options: ClientOptions(deadline: deadline, repetitions: 1))
        client.verificationSecret = secret
        self.client = client
    }

    /// - Parameters:
    ///   - ip: the client's; a key with an allowlist is refused without it.
    ///   - cost: 0…1000.
    /// - Throws: `ClientError.refused` where the question itself is wrong: a permission outside the catalogue, an
    ///   address that is none, a missing verification secret.
    public func verify(
        _ key: String, permission: String? = nil, ip: String? = nil, cost: Int = 1
    ) async throws(ClientError) -> VerifyAnswer {
        do {
            return try await client.verify(VerifyQuestion(.key(key), permission: permission, ip: ip, cost: cost))
        } catch {
            if case .refused(let refused) = error, refused.status < 500, refused.status != 429 { throw error }
            return VerifyAnswer(
                code: "unavailable", requestID: error.requestID ?? "", revision: 0, apiKey: nil, organization: nil,
                rateLimit: nil)
        }
    }
}
