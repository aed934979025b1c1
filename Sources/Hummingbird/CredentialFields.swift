import HTTPTypes

/// A request that could be read in two ways.
struct MalformedRequest: Error {
    let code: String
    let detail: String
}

/// The one key of a request: `Authorization: Bearer` or `x-api-key`, both only with the same value.
enum CredentialFields {
    /// - Returns: nil where there is none.
    /// - Throws: `MalformedRequest` where it is not clear which one counts.
    static func key(in fields: HTTPFields) throws -> String? {
        let authorization = try single(fields[values: .authorization]).flatMap(bearer)
        let named = try single(fields.values("x-api-key")).flatMap { $0.isEmpty ? nil : $0 }
        if fields[.authorization] != nil, let named {
            guard authorization == named else { throw ambiguous }
        }
        return authorization ?? named
    }

    private static func single(_ values: [String]) throws -> String? {
        guard values.count <= 1, values.first?.contains(",") != true else { throw ambiguous }
        return values.first
    }

    /// The token of the Bearer scheme (RFC 6750, section 2.1), whose name may be in any case.
    private static func bearer(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }

    private static let ambiguous = MalformedRequest(
        code: "ambiguous_credentials",
        detail: "Send one credential, in the Authorization header or in x-api-key; both only with the same value.")
}

extension HTTPFields {
    /// Every value of a field, by its name.
    func values(_ name: String) -> [String] { HTTPField.Name(name).map { self[values: $0] } ?? [] }

    mutating func set(_ name: String, _ value: String) {
        guard let name = HTTPField.Name(name) else { return }
        self[name] = value
    }
}
