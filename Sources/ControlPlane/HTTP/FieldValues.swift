import HTTPTypes

/// A request's header fields by name, every value apart.
struct FieldValues: Sendable {
    private let values: [String: [String]]

    init(_ fields: HTTPFields) {
        var values: [String: [String]] = [:]
        for field in fields { values[field.name.canonicalName, default: []].append(field.value) }
        self.values = values
    }

    init(_ fields: [(String, String)]) {
        var values: [String: [String]] = [:]
        for (name, value) in fields { values[name.lowercased(), default: []].append(value) }
        self.values = values
    }

    /// - Parameter name: in lower case.
    subscript(_ name: String) -> [String] { values[name] ?? [] }

    /// - Throws: 400 `malformed_request` where the field is there twice: which one counts would be a guess.
    func single(_ name: String) throws(Refusal) -> String? {
        let all = self[name]
        guard all.count <= 1 else { throw .malformed("The header field \(name) is there twice.") }
        return all.first
    }
}
