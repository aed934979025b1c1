/// The one credential of a request, whichever header brought it (rows A14, A41, A42).
enum Credential {
    /// Finds it in `Authorization: Bearer` and `x-api-key`; never in the query and never in a cookie.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: 400 `ambiguous_credentials` where a header is there twice, holds a list, or differs from the other.
    static func find(in fields: FieldValues) throws(Refusal) -> [UInt8]? {
        let authorization = try single(fields["authorization"])
        let key = try single(fields["x-api-key"])
        if let authorization, let key {
            guard let token = bearer(authorization), token == Array(key.utf8) else { throw ambiguous }
            return token
        }
        if let authorization { return bearer(authorization) }
        return key.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    }

    private static func single(_ values: [String]) throws(Refusal) -> String? {
        guard values.count <= 1 else { throw ambiguous }
        guard let value = values.first else { return nil }
        // A proxy may have joined two headers into one.
        guard !value.utf8.contains(UInt8(ascii: ",")) else { throw ambiguous }
        return value
    }

    /// The token of the Bearer scheme (RFC 6750, section 2.1); nil for another scheme or an empty token.
    private static func bearer(_ value: String) -> [UInt8]? {
        let bytes = Array(value.utf8)
        let scheme = bytes.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.map({ $0 | 0x20 }).elementsEqual("bearer".utf8) else { return nil }
        let token = bytes.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : Array(token)
    }

    private static let ambiguous = Refusal(
        400, "ambiguous_credentials",
        "Send one credential, in the Authorization header or in x-api-key; both only with the same value.")
}
