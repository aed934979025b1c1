import KeybearerVerification

/// Turns answers into bytes, one after the other.
struct ResponseWriter: ~Copyable {
    private(set) var output = OutputBuffer()
    /// For a body whose length has to be known before it is written. Its owner empties it first.
    var body = OutputBuffer()
    private var date = DateField()

    /// The interim answer to `Expect: 100-continue` (RFC 9110, section 10.1.1).
    mutating func writeContinue() { output.append("HTTP/1.1 100 Continue\r\n\r\n") }

    mutating func removeAll() { output.removeAll() }

    /// An answer that is complete. `omitsBody` is for one to HEAD, which states the length of a body that does not
    /// follow; `closes` says whether the connection ends with it.
    mutating func write(_ response: Response, id: RequestID, at now: Timestamp, omitsBody: Bool, closes: Bool) {
        begin(response.status, response.contentType, id, at: now, closes: closes)
        output.append(response.fields)
        response.body.withUnsafeBytes { end($0, omitsBody: omitsBody) }
    }

    /// The same for an exchange that is decided at once, from fields that `fields` writes and the writer's own `body`.
    mutating func write(
        _ status: Int, _ contentType: Response.ContentType?, to exchange: borrowing Exchange,
        fields: (inout OutputBuffer) -> Void = { _ in }
    ) {
        begin(status, contentType, exchange.id, at: exchange.time, closes: exchange.closes)
        fields(&output)
        end(body.bytes, omitsBody: exchange.head.isHead)
    }

    private mutating func begin(
        _ status: Int, _ contentType: Response.ContentType?, _ id: RequestID, at now: Timestamp, closes: Bool
    ) {
        output.append(Self.statusLine(status))
        switch contentType {
        case .json: output.append("Content-Type: application/json\r\n")
        case .problem: output.append("Content-Type: application/problem+json\r\n")
        case .text: output.append("Content-Type: text/plain; charset=utf-8\r\n")
        case .metrics: output.append("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
        case nil: break
        }
        output.append("Cache-Control: no-store\r\nX-Request-Id: ")
        id.append(to: &output)
        output.append("\r\nDate: ")
        date.update(to: now)
        output.append(date.value)
        output.append(closes ? "\r\nConnection: close\r\n" : "\r\n")
    }

    private mutating func end(_ body: UnsafeRawBufferPointer, omitsBody: Bool) {
        output.append("Content-Length: ")
        output.append(decimal: Int64(body.count))
        output.append("\r\n\r\n")
        if !omitsBody { output.append(body) }
    }

    private static func statusLine(_ status: Int) -> StaticString {
        switch status {
        case 200: "HTTP/1.1 200 OK\r\n"
        case 400: "HTTP/1.1 400 Bad Request\r\n"
        case 401: "HTTP/1.1 401 Unauthorized\r\n"
        case 403: "HTTP/1.1 403 Forbidden\r\n"
        case 404: "HTTP/1.1 404 Not Found\r\n"
        case 405: "HTTP/1.1 405 Method Not Allowed\r\n"
        case 408: "HTTP/1.1 408 Request Timeout\r\n"
        case 413: "HTTP/1.1 413 Content Too Large\r\n"
        case 415: "HTTP/1.1 415 Unsupported Media Type\r\n"
        case 417: "HTTP/1.1 417 Expectation Failed\r\n"
        case 422: "HTTP/1.1 422 Unprocessable Content\r\n"
        case 429: "HTTP/1.1 429 Too Many Requests\r\n"
        case 431: "HTTP/1.1 431 Request Header Fields Too Large\r\n"
        case 503: "HTTP/1.1 503 Service Unavailable\r\n"
        case 505: "HTTP/1.1 505 HTTP Version Not Supported\r\n"
        default: "HTTP/1.1 500 Internal Server Error\r\n"
        }
    }
}
