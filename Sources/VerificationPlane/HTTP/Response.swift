import KeybearerAPI

/// An answer before it is bytes. Nothing that a client sent goes into its status or fields, percent-encoded key names
/// excepted.
struct Response: Sendable {
    enum ContentType: Sendable { case json, problem, text, metrics }

    var status: Int
    var contentType: ContentType?
    /// Further fields, each a whole line with its CR LF.
    var fields: [UInt8]
    var body: [UInt8]

    init(status: Int, contentType: ContentType? = nil, fields: [UInt8] = [], body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
        self.body = body
    }

    init(_ problem: Problem, id: RequestID, fields: [UInt8] = []) {
        self.init(
            status: problem.status, contentType: .problem, fields: fields,
            body: problem.json(requestID: id.text).serialized())
    }

    init(_ refusal: HTTPRefusal, id: RequestID) {
        self.init(Problem(status: refusal.status, code: refusal.code, detail: refusal.detail), id: id)
    }

    mutating func append(_ name: StaticString, _ value: some Sequence<UInt8>) {
        fields.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        fields.append(UInt8(ascii: ":"))
        fields.append(HTTPSyntax.space)
        fields.append(contentsOf: value)
        fields.append(HTTPSyntax.carriageReturn)
        fields.append(HTTPSyntax.lineFeed)
    }

    mutating func append(_ name: StaticString, _ value: String) { append(name, value.utf8) }
}
