import KeybearerAPI

/// One call before it is sent.
struct APICall: Sendable {
    enum Content: Sendable {
        case none
        case json(JSON)
        case form([(String, String)])
    }

    /// What a success carries; a refusal is always JSON.
    enum Expected: Sendable {
        case json
        case text
        /// All that counts is in the answer's fields.
        case fields
    }

    let method: String
    let path: String
    var query: [(String, String)] = []
    var content: Content = .none
    var fields: [(String, String)] = []
    var effect: RepetitionRule.Effect
    var expected = Expected.json

    /// - Parameter path: its varying parts as `segments`, escaped here.
    init(_ method: String, _ path: [String], effect: RepetitionRule.Effect = .repeatable) {
        self.method = method
        self.path = "/" + path.map(PercentEncoding.segment).joined(separator: "/")
        self.effect = effect
    }

    /// The way below the server's address.
    var target: String { query.isEmpty ? path : "\(path)?\(PercentEncoding.form(query))" }

    /// Makes a creating call repeatable: the server carries out one key once (for 24 hours).
    func idempotent() -> APICall {
        var call = self
        call.fields.append(
            ("Idempotency-Key", "\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"))
        call.effect = .repeatable
        return call
    }

    func with(_ json: JSON) -> APICall {
        var call = self
        call.content = .json(json)
        return call
    }

    /// Leaves out what is nil.
    func asking(_ query: [(String, String?)]) -> APICall {
        var call = self
        call.query += query.compactMap { name, value in value.map { (name, $0) } }
        return call
    }
}

extension JSONObject {
    /// An object of those members that have a value.
    init(present members: [(String, JSON?)]) {
        self.init(members.compactMap { name, value in value.map { (name, $0) } })
    }
}
