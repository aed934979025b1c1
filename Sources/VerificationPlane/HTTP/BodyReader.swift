/// Gathers one request's body where it does not arrive with its head or comes in chunks, up to
/// `MessageFraming.maximumBodyBytes`.
struct BodyReader: Sendable {
    private enum State {
        case bytes(remaining: Int)
        case chunkSize
        case chunkBytes(remaining: Int)
        case chunkEnd
        case trailers(LineScanner)
        case complete
    }

    private var state: State = .complete
    private(set) var content: [UInt8] = []
    private(set) var hasBegun = false

    init() {}

    init(_ framing: RequestHead.Framing) {
        switch framing {
        case .length(0): state = .complete
        case .length(let count): state = .bytes(remaining: count)
        case .chunked: state = .chunkSize
        }
    }

    /// Consumes what belongs to the body from `position` on. True once the body is whole.
    mutating func read(from buffer: ByteView, at position: inout Int) throws(HTTPRefusal) -> Bool {
        while true {
            if case .complete = state { return true }
            guard position < buffer.count, try step(buffer, &position) else { return false }
            hasBegun = true
        }
    }

    /// False where more bytes are needed.
    private mutating func step(_ buffer: ByteView, _ position: inout Int) throws(HTTPRefusal) -> Bool {
        switch state {
        case .complete: return true
        case .bytes(let remaining):
            let left = copy(remaining, buffer, &position)
            state = left == 0 ? .complete : .bytes(remaining: left)
        case .chunkSize: return try chunkSize(buffer, &position)
        case .chunkBytes(let remaining):
            let left = copy(remaining, buffer, &position)
            state = left == 0 ? .chunkEnd : .chunkBytes(remaining: left)
        case .chunkEnd:
            guard buffer.count - position >= 2 else { return false }
            guard isLineEnd(buffer, position) else { throw .malformed(.chunk) }
            position += 2
            state = .chunkSize
        case .trailers(var lines):
            return try trailers(&lines, buffer, &position)
        }
        return true
    }

    private mutating func copy(_ wanted: Int, _ buffer: ByteView, _ position: inout Int) -> Int {
        let count = min(wanted, buffer.count - position)
        content.append(contentsOf: buffer[position..<position + count])
        position += count
        return wanted - count
    }

    /// `chunk-size CRLF`; extensions are refused, since nobody needs them and readers disagree on where they end.
    private mutating func chunkSize(_ buffer: ByteView, _ position: inout Int) throws(HTTPRefusal) -> Bool {
        var end = position
        var size = 0
        while end < buffer.count, let digit = HTTPSyntax.hexValue(buffer[end]) {
            guard end - position < 6 else { throw .malformed(.chunk) }
            size = size << 4 | Int(digit)
            end += 1
        }
        guard end < buffer.count else { return false }
        guard end > position, buffer[end] == HTTPSyntax.carriageReturn else { throw .malformed(.chunk) }
        guard end + 1 < buffer.count else { return false }
        guard buffer[end + 1] == HTTPSyntax.lineFeed else { throw .malformed(.chunk) }
        guard content.count + size <= MessageFraming.maximumBodyBytes else { throw .bodyTooLarge }
        position = end + 2
        state = size == 0 ? .trailers(LineScanner()) : .chunkBytes(remaining: size)
        return true
    }

    /// Trailer fields are held to the rules of header fields and then dropped.
    private mutating func trailers(
        _ lines: inout LineScanner, _ buffer: ByteView, _ position: inout Int
    ) throws(HTTPRefusal) -> Bool {
        let limit = HTTPRequestParser.maximumHeadBytes
        guard let end = try lines.endOfSection(in: buffer, from: position, limit: limit) else {
            state = .trailers(lines)
            return false
        }
        try RequestHead.checkTrailers(buffer.view(position..<end))
        position = end
        state = .complete
        return true
    }

    private func isLineEnd(_ buffer: ByteView, _ position: Int) -> Bool {
        buffer[position] == HTTPSyntax.carriageReturn && buffer[position + 1] == HTTPSyntax.lineFeed
    }
}
