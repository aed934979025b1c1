import KeybearerAPI

/// An answer before it is written.
struct Reply: Sendable {
    var status: Int
    /// Beside those that every answer has.
    var fields: [(name: String, value: String)]
    var contentType: String?
    var body: [UInt8]

    init(_ status: Int, contentType: String? = nil, body: [UInt8] = [], fields: [(String, String)] = []) {
        self.status = status
        self.fields = fields.map { (name: $0.0, value: $0.1) }
        self.contentType = contentType
        self.body = body
    }

    static func json(_ status: Int, _ json: JSON, _ fields: [(String, String)] = []) -> Reply {
        Reply(status, contentType: "application/json", body: json.serialized(), fields: fields)
    }

    static func resource(_ resource: some Resource, status: Int = 200, _ fields: [(String, String)] = []) -> Reply {
        json(status, resource.json, fields)
    }

    static let noContent = Reply(204)

    static func text(_ text: String) -> Reply {
        Reply(200, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}
