import KeybearerAdministration

/// The parameters of a request's query, each at most once.
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// No parameters.
    static let none = QueryParameters(values: [:])

    private init(values: [String: String]) { self.values = values }

    /// - Parameter allowed: the names that the route knows; nil where every other name is passed over.
    /// - Throws: 422 `invalid_query` for what does not decode, repeats, or is not known.
    init(_ query: String?, allowed: [String]?) throws(Refusal) {
        var values: [String: String] = [:]
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count == 2 ? Self.decoded(parts[1]) : ""
            else { throw .query("The query is not form-encoded UTF-8.") }
            guard allowed?.contains(name) ?? true else { throw .query(Self.unknown(name)) }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .query("The parameter \(name) is there twice.")
            }
        }
        self.values = values
    }

    subscript(_ name: String) -> String? { values[name] }

    private static func decoded(_ bytes: Substring.UTF8View) -> String? {
        guard let bytes = PercentEncoding.decoded(bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Names the parameter only where it looks like one: a credential in the wrong place must not come back.
    private static func unknown(_ name: String) -> String {
        let isName = name.utf8.count <= 32 && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f }
        return isName ? "There is no query parameter \(name) here." : "There is no such query parameter here."
    }
}
