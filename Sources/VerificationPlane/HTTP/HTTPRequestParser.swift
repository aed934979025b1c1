import Glibc

/// A strict reader of HTTP/1.1 and HTTP/1.0 requests (RFC 9112): it looks at the bytes where they arrived, and hands
/// out whole requests without copying them where they came in one piece.
///
/// It accepts less than the RFC lets a recipient accept: no bare line feeds, no folded fields, no chunk extensions, no
/// empty lines before a request, no absolute or authority form. A front-end that reads one of those differently
/// could otherwise be made to see other requests than this plane does (A17). After a refusal it reads nothing more.
package struct HTTPRequestParser: Sendable {
    /// Where in a request the bytes received so far end.
    package enum Stage: Sendable, Equatable { case betweenRequests, head, body }

    /// What the bytes come to.
    package enum Next: ~Copyable {
        /// More are needed; what is consumed need not be shown again.
        case incomplete
        /// Both are views of the bytes that were shown, and the head's fields of the room.
        case inPlace(RequestHead, body: ByteView)
        /// The request came in pieces: `gathered` has it.
        case gathered
    }

    /// Bounds the request line and fields, and once more the trailer section of a chunked body.
    package static let maximumHeadBytes = 16_384

    private var lines = LineScanner()
    private var pendingHead: [UInt8] = []
    private var body = BodyReader()
    private var expectsContinue = false
    private var refusal: HTTPRefusal?
    package private(set) var stage = Stage.betweenRequests

    package init() {}

    /// Whether the client waits for `100 Continue` before it sends the body that is due. True once a request.
    package mutating func takeContinue() -> Bool {
        guard stage == .body, expectsContinue else { return false }
        expectsContinue = false
        return !body.hasBegun
    }

    /// The head and body of a request that came in pieces. Good until the next call of `next`.
    package var gathered: (head: [UInt8], body: [UInt8]) { (pendingHead, body.content) }

    /// The next whole request in the bytes from `position` on, which moves past what was consumed. What was not
    /// consumed must be shown again, with more after it.
    package mutating func next(
        _ bytes: ByteView, at position: inout Int, fields room: borrowing FieldRoom
    ) throws(HTTPRefusal) -> Next {
        if let refusal { throw refusal }
        do throws(HTTPRefusal) {
            return try stage == .body ? continueBody(bytes, &position) : begin(bytes, &position, room)
        } catch {
            refusal = error
            pendingHead = []
            throw error
        }
    }

    private mutating func begin(
        _ bytes: ByteView, _ position: inout Int, _ room: borrowing FieldRoom
    ) throws(HTTPRefusal) -> Next {
        let start = position
        guard let end = try lines.endOfSection(in: bytes, from: start, limit: Self.maximumHeadBytes) else {
            stage = position == bytes.count ? .betweenRequests : .head
            return .incomplete
        }
        lines = LineScanner()
        position = end
        let head = try RequestHead(parsing: bytes.view(start..<end), into: room)
        if case .length(let length) = head.framing, length <= bytes.count - end {
            position = end + length
            stage = .betweenRequests
            return .inPlace(head, body: bytes.view(end..<end + length))
        }
        pendingHead = Array(bytes[start..<end])
        body = BodyReader(head.framing)
        expectsContinue = head.expectsContinue
        stage = .body
        return try continueBody(bytes, &position)
    }

    private mutating func continueBody(_ bytes: ByteView, _ position: inout Int) throws(HTTPRefusal) -> Next {
        guard try body.read(from: bytes, at: &position) else { return .incomplete }
        stage = .betweenRequests
        return .gathered
    }
}

/// Finds the empty line that ends a section of lines, looking at each byte once however the section arrives.
struct LineScanner: Sendable {
    /// Relative to the section's first byte, since the bytes may be moved between two calls.
    private var scanned = 0
    private var line = 0

    /// The index after the section's empty line; nil while that has not arrived.
    mutating func endOfSection(in buffer: ByteView, from start: Int, limit: Int) throws(HTTPRefusal) -> Int? {
        let available = min(buffer.count - start, limit)
        while let feed = lineFeed(in: buffer, start + scanned..<start + available) {
            scanned = feed - start
            guard scanned > line, buffer[feed - 1] == HTTPSyntax.carriageReturn else { throw .malformed(.bareLineFeed) }
            if scanned - 1 == line { return feed + 1 }
            scanned += 1
            line = scanned
        }
        scanned = available
        guard available < limit else { throw .headTooLarge }
        return nil
    }

    private func lineFeed(in buffer: ByteView, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty, let base = buffer.baseAddress,
            // Searches `range.count` bytes from the range's start, and the range is within the buffer.
            let found = memchr(base + range.lowerBound, Int32(HTTPSyntax.lineFeed), range.count)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
