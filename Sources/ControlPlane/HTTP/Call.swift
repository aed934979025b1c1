import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

/// One request on its way to its endpoint.
struct Call: Sendable {
    let requestID: String
    let method: String
    let target: RequestTarget
    let fields: FieldValues
    let body: [UInt8]
    /// The client's, found through trusted proxies.
    var address: IPAddress?
    let now: Timestamp
    /// What the route's path takes from the target, by name.
    var parameters: [String: String] = [:]
    var query = QueryParameters.none

    subscript(_ parameter: String) -> String { parameters[parameter] ?? "" }

    /// An identifier in the path; what is not one names nothing.
    ///
    /// - Throws: 404 `not_found`.
    func id<Kind>(_ parameter: String, as kind: Identifier<Kind>.Type = Identifier<Kind>.self) throws(Refusal)
        -> Identifier<Kind>
    {
        guard let id = Identifier<Kind>(self[parameter]) else { throw .notFound }
        return id
    }

    /// The body as its endpoint's type.
    ///
    /// - Throws: 415 `unsupported_media_type`, or as `Body.read` does.
    func json<Request: RequestBody>(as type: Request.Type = Request.self) throws -> Request {
        if !body.isEmpty, let media = try fields.single("content-type"), !Self.isJSON(media) {
            throw Refusal(415, "unsupported_media_type", "Send the body as application/json in UTF-8.")
        }
        return try Body.read(body, as: Request.self)
    }

    private static func isJSON(_ media: String) -> Bool {
        if media == "application/json" { return true }
        let parts = media.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains($0)
        }
    }

    var precondition: Precondition { Precondition(fields["if-match"]) }

    /// What an `Idempotency-Key` asks to be remembered; nil without one.
    ///
    /// - Parameter render: the answer with `null` for every secret.
    func remembering<Value: Sendable>(
        status: Int = 201, _ render: @escaping @Sendable (Value) -> JSON
    ) throws(Refusal) -> Remembering<Value>? {
        guard let key = try fields.single("idempotency-key") else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Refusal(
                422, "invalid_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        }
        return Remembering(key: key, method: method, path: target.path, body: body, status: status) {
            render($0).serialized()
        }
    }
}

extension Reply {
    /// The first answer once more, without its secrets.
    static func replay(_ record: IdempotencyRecord) -> Reply {
        Reply(
            record.status, contentType: "application/json", body: record.answer,
            fields: [("Idempotency-Replayed", "true")])
    }
}
