import KeybearerAPI
import NIOHTTP1

/// The decision of `/v1/authorize`, as a gateway gets it.
public struct AuthorizationAnswer: Sendable, Hashable {
    /// For whoever holds the key: 200, 401, 403 or 429.
    public let status: Int
    /// `valid`, or why not.
    public let code: String
    public let requestID: String?
    /// `key_…`; this and what follows only where the key is let in.
    public let keyID: String?
    public let keyName: String?
    /// `org_…`
    public let organizationID: String?
    /// Its slug.
    public let organization: String?
    /// nil where they are too many for a field.
    public let permissions: [String]?

    public var isAllowed: Bool { code == "valid" }
}

extension Client {
    /// Asks as gateways do: the key goes into the request's own field. The verification plane only.
    ///
    /// `verify` tells more, and takes the address of the client; this is for programs that stand in for a gateway.
    ///
    /// - Parameter permission: nil lets the server's table of routes decide.
    /// - Throws: `ClientError` where there is no decision: `unavailable` is never a yes.
    public func authorize(_ key: String, permission: String? = nil) async throws(ClientError) -> AuthorizationAnswer {
        // What fits into no field is no key.
        guard let credential = Credential(key) else { return AuthorizationAnswer(status: 401, code: "invalid_api_key") }
        var asking = self
        asking.credential = credential
        // A refusal is the answer, a used-up limit too.
        asking.options.repetitions = 0
        var call = APICall("GET", ["v1", "authorize"]).asking([("permission", permission)])
        call.expected = .fields
        do {
            let answer = try await asking.send(call)
            return try AuthorizationAnswer(answer)
        } catch {
            guard case .refused(let refused) = error, [401, 403, 429].contains(refused.status),
                refused.code != "verification_secret_required"
            else { throw error }
            return AuthorizationAnswer(
                status: refused.status, code: refused.code, requestID: refused.requestID)
        }
    }
}

extension AuthorizationAnswer {
    fileprivate init(_ answer: Client.Answer) throws(ClientError) {
        func field(_ name: String) -> String? { answer.fields.first(name: "X-Keybearer-" + name) }
        // A proxy that says 200 to everything lets nobody in.
        guard let key = field("Key-Id"), let organization = field("Organization") else {
            throw .unintelligible(
                status: answer.status, reason: "it names no key", requestID: answer.requestID)
        }
        self.init(
            status: answer.status, code: "valid", requestID: answer.requestID, keyID: key,
            keyName: field("Key-Name").map { PercentEncoding.decoded($0) }, organizationID: field("Organization-Id"),
            organization: organization,
            permissions: field("Permissions").map { $0.split(separator: " ").map(String.init) })
    }

    fileprivate init(status: Int, code: String, requestID: String? = nil) {
        self.init(
            status: status, code: code, requestID: requestID, keyID: nil, keyName: nil, organizationID: nil,
            organization: nil, permissions: nil)
    }
}
