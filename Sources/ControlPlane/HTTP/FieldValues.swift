/// A request's header fields in the order in which they came.
struct FieldValues: Sendable {
    struct Field: Sendable, Hashable {
        /// In lower case.
        let name: String
        let value: String

        /// - Parameter name: a token (RFC 9110, section 5.6.2).
        init(name: some Collection<UInt8>, value: String) {
            self.name = String(decoding: name.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
            self.value = value
        }
    }

    // A few dozen at most, and each is asked for once: a dictionary would take longer to make.
    let list: [Field]

    init(_ list: [Field]) { self.list = list }

    /// The values of all fields of that name.
    ///
    /// - Parameter name: in lower case.
    subscript(_ name: String) -> [String] {
        var values: [String] = []
        for field in list where field.name == name { values.append(field.value) }
        return values
    }

    /// - Throws: 400 `malformed_request` where the field is there twice: which one counts would be a guess.
    func single(_ name: String) throws(Refusal) -> String? {
        let all = self[name]
        guard all.count <= 1 else { throw .malformed("The header field \(name) is there twice.") }
        return all.first
    }
}
