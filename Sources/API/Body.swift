/// A request's body on its way to the endpoint.
public enum Body {
    /// The body's object; an absent body is `{}`.
    ///
    /// - Throws: 400 `malformed_json`, or 422 `invalid_type` for a value that is not an object.
    public static func parse(_ bytes: some Collection<UInt8>) throws(BodyError) -> ObjectReader {
        if bytes.isEmpty { return try ObjectReader(.object([:])) }
        let json: JSON
        do throws(MalformedJSON) {
            json = try JSON.parse(bytes)
        } catch {
            throw BodyError(error)
        }
        return try ObjectReader(json)
    }

    /// The body as its endpoint's type, with no field left over.
    public static func read<Request: RequestBody>(
        _ bytes: some Collection<UInt8>, as type: Request.Type = Request.self
    ) throws(BodyError) -> Request {
        var reader = try parse(bytes)
        let request = try Request(&reader)
        try reader.finish()
        return request
    }
}

/// An endpoint's body. It has the fields that a caller may write and no others: there is no way to name a column
/// that the endpoint does not mean to change.
public protocol RequestBody: Sendable {
    /// Reads the fields and leaves it to the caller to finish the reader, which refuses all others.
    init(_ reader: inout ObjectReader) throws(BodyError)
}
