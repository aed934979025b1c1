/// Bytes that somebody else owns: a part of what a connection received. Good until the connection reads on.
///
/// Nothing that outlives the request's own turn on its event loop may keep one; that it is not `Sendable` keeps it out
/// of the closures of decisions that have to wait.
package typealias ByteView = UnsafeBufferPointer<UInt8>

extension ByteView {
    /// The part of these bytes; a range outside of them is a mistake of the program.
    func view(_ range: Range<Int>) -> ByteView { ByteView(rebasing: self[range]) }

    func view(from start: Int) -> ByteView { view(start..<count) }
}

/// Room to note where the fields of one head stand. It is outside of the head, which is handed on several times, and a loop
/// has one for all its requests, of which it reads one after the other.
package struct FieldRoom: ~Copyable {
    // Freed with the room; a head that was parsed into it sees only what its own parsing has written.
    let places = UnsafeMutableBufferPointer<RequestHead.Field>.allocate(capacity: RequestHead.maximumFields)

    package init() {}

    deinit { places.deallocate() }
}

/// A request's line and fields as ranges of the bytes that hold them. Nothing is copied, so there is no allocation. It lives
/// as long as those bytes do, and until another head is parsed into the same room.
package struct RequestHead: ~Copyable {
    /// Heads are at most 16 KiB, so offsets fit.
    package struct Field {
        let nameStart: UInt16
        let nameEnd: UInt16
        let valueStart: UInt16
        let valueEnd: UInt16

        package var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// How the end of the body is known (RFC 9112, section 6).
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    /// Fields beyond this number are a flood (A18).
    static let maximumFields = 64

    package let bytes: ByteView
    let line: RequestLine
    package let fields: UnsafeBufferPointer<Field>
    let framing: Framing
    /// Whether the client may send another request on this connection.
    package let keepsAlive: Bool
    let expectsContinue: Bool

    package var method: ByteView { bytes.view(line.method) }

    /// The target up to the first `?`, as sent: nothing is decoded.
    package var path: ByteView { bytes.view(line.path) }

    /// What follows the first `?`; nil without one.
    package var query: ByteView? { line.query.map { bytes.view($0) } }

    var isHead: Bool { HTTPSyntax.isEqual(method, "HEAD") }

    /// The values of every field of that name, which must be written in lower case, in their order.
    package func values(_ name: StaticString) -> [ByteView] {
        var values: [ByteView] = []
        for field in fields where isNamed(field, name) { values.append(bytes.view(field.value)) }
        return values
    }

    /// The value of the only field of that name.
    package func value(_ name: StaticString) -> FieldPresence {
        var found: Range<Int>?
        for field in fields where isNamed(field, name) {
            guard found == nil else { return .repeated }
            found = field.value
        }
        return found.map { .once(bytes.view($0)) } ?? .absent
    }

    private func isNamed(_ field: Field, _ name: StaticString) -> Bool {
        Int(field.nameEnd - field.nameStart) == name.utf8CodeUnitCount
            && HTTPSyntax.isEqualIgnoringCase(bytes.view(field.name), name)
    }
}

/// Where the parts of a request's first line lie.
struct RequestLine {
    let method: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    let isHTTP11: Bool
}

/// A field that decides something must be there once or not at all: of two values neither may be picked.
package enum FieldPresence {
    case absent
    case once(ByteView)
    case repeated
}
