/// A strict reader of HTTP/1.1 and HTTP/1.0 requests (RFC 9112): bytes go in as they arrive, whole requests come out.
///
/// It accepts less than the RFC lets a recipient accept: no bare line feeds, no folded fields, no chunk extensions, no
/// empty lines before a request, no absolute or authority form. A front-end that reads one of those differently
/// could otherwise be made to see other requests than this plane does (A17). After a refusal it reads nothing more.
package struct HTTPRequestParser: Sendable {
    /// Where in a request the bytes received so far end.
    package enum Stage: Sendable, Equatable { case betweenRequests, head, body }

    /// Bounds the request line and fields, and once more the trailer section of a chunked body.
    package static let maximumHeadBytes = 16_384

    private var buffer: [UInt8] = []
    private var start = 0
    private var lines = LineScanner()
    private var head: RequestHead?
    private var body = BodyReader()
    private var hasOfferedContinue = false
    private var refusal: HTTPRefusal?

    package init() {}

    package var stage: Stage {
        if head != nil { return .body }
        return start == buffer.count ? .betweenRequests : .head
    }

    /// Whether the client waits for `100 Continue` before it sends the body that is due. True once a request.
    package mutating func takeContinue() -> Bool {
        guard let head, head.expectsContinue, !hasOfferedContinue else { return false }
        hasOfferedContinue = true
        return start == buffer.count && !body.hasBegun
    }

    package mutating func receive(_ bytes: some Collection<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        } else if start > Self.maximumHeadBytes {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole request; nil until more bytes arrive.
    package mutating func next() throws(HTTPRefusal) -> HTTPRequest? {
        if let refusal { throw refusal }
        do throws(HTTPRefusal) {
            return try readRequest()
        } catch {
            refusal = error
            buffer = []
            start = 0
            throw error
        }
    }

    private mutating func readRequest() throws(HTTPRefusal) -> HTTPRequest? {
        if head == nil {
            guard let end = try lines.endOfSection(in: buffer, from: start, limit: Self.maximumHeadBytes) else {
                return nil
            }
            let parsed = try RequestHead(parsing: buffer[start..<end])
            start = end
            lines = LineScanner()
            body = BodyReader(parsed.framing)
            hasOfferedContinue = false
            head = parsed
        }
        guard let complete = head, try body.read(from: buffer, at: &start) else { return nil }
        head = nil
        return HTTPRequest(head: complete, body: body.take())
    }
}

/// Finds the empty line that ends a section of lines, looking at each byte once however the section arrives.
struct LineScanner: Sendable {
    /// Relative to the section's first byte, since the buffer may be moved between two calls.
    private var scanned = 0
    private var line = 0

    /// The index after the section's empty line; nil while that has not arrived.
    mutating func endOfSection(in buffer: [UInt8], from start: Int, limit: Int) throws(HTTPRefusal) -> Int? {
        let available = min(buffer.count - start, limit)
        while scanned < available {
            defer { scanned += 1 }
            guard buffer[start + scanned] == HTTPSyntax.lineFeed else { continue }
            guard scanned > line, buffer[start + scanned - 1] == HTTPSyntax.carriageReturn else {
                throw .malformed(.bareLineFeed)
            }
            if scanned - 1 == line { return start + scanned + 1 }
            line = scanned + 1
        }
        guard available < limit else { throw .headTooLarge }
        return nil
    }
}
