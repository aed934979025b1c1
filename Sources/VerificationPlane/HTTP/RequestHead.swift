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

/// A request's line and fields as ranges of the bytes that hold them. Nothing is copied, so there is no allocation and
/// it lives as long as those bytes do.
package struct RequestHead: ~Copyable {
    /// Heads are at most 16 KiB, so offsets fit.
    package struct Field {
        var nameStart: UInt16 = 0
        var nameEnd: UInt16 = 0
        var valueStart: UInt16 = 0
        var valueEnd: UInt16 = 0

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
    package let fields: InlineArray<64, Field>
    package let fieldCount: Int
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
        for index in 0..<fieldCount where isNamed(fields[index], name) {
            values.append(bytes.view(fields[index].value))
        }
        return values
    }

    /// The value of the only field of that name.
    package func value(_ name: StaticString) -> FieldPresence {
        var found: Range<Int>?
        for index in 0..<fieldCount where isNamed(fields[index], name) {
            guard found == nil else { return .repeated }
            found = fields[index].value
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
