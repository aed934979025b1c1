import NIOCore

/// Turns answers into bytes, in order, until they are taken to be sent.
struct ResponseWriter {
    var date = DateField()
    private var output: ByteBuffer?
    private var line: [UInt8] = []

    var byteCount: Int { output?.readableBytes ?? 0 }

    mutating func take() -> ByteBuffer? {
        defer { output = nil }
        return output
    }

    /// The interim answer to `Expect: 100-continue` (RFC 9110, section 10.1.1).
    mutating func writeContinue(_ allocator: ByteBufferAllocator) {
        append("HTTP/1.1 100 Continue\r\n\r\n", allocator)
    }

    /// - Parameters:
    ///   - omitsBody: for an answer to HEAD, which states the length of a body that does not follow.
    ///   - closes: whether the connection ends with this answer.
    mutating func write(
        _ response: Response, id: RequestID, omitsBody: Bool, closes: Bool, _ allocator: ByteBufferAllocator
    ) {
        append(Self.statusLine(response.status), allocator)
        append("Cache-Control: no-store\r\n", allocator)
        switch response.contentType {
        case .json: append("Content-Type: application/json\r\n", allocator)
        case .problem: append("Content-Type: application/problem+json\r\n", allocator)
        case .text: append("Content-Type: text/plain; charset=utf-8\r\n", allocator)
        case .metrics: append("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", allocator)
        case nil: break
        }
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: "X-Request-Id: ".utf8)
        id.append(to: &line)
        line.append(contentsOf: "\r\nDate: ".utf8)
        line.append(contentsOf: date.value)
        line.append(contentsOf: closes ? "\r\nConnection: close\r\n".utf8 : "\r\n".utf8)
        line.append(contentsOf: response.fields)
        line.append(contentsOf: "Content-Length: ".utf8)
        line.append(contentsOf: String(response.body.count).utf8)
        line.append(contentsOf: "\r\n\r\n".utf8)
        output?.writeBytes(line)
        if !omitsBody { output?.writeBytes(response.body) }
    }

    private mutating func append(_ text: StaticString, _ allocator: ByteBufferAllocator) {
        if output == nil { output = allocator.buffer(capacity: 1024) }
        output?.writeStaticString(text)
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
