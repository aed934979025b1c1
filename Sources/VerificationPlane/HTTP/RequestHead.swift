/// A request's line and fields as ranges of one copy of their bytes, in which field names are lower case.
package struct RequestHead: Sendable {
    struct Field: Sendable {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// How the end of the body is known (RFC 9112, section 6).
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    let bytes: [UInt8]
    let methodRange: Range<Int>
    let pathRange: Range<Int>
    let queryRange: Range<Int>?
    let fields: [Field]
    let framing: Framing
    /// Whether the client may send another request on this connection.
    let keepsAlive: Bool
    let expectsContinue: Bool

    package var method: ArraySlice<UInt8> { bytes[methodRange] }

    /// The target up to the first `?`, as sent: nothing is decoded.
    package var path: ArraySlice<UInt8> { bytes[pathRange] }

    /// What follows the first `?`; nil without one.
    package var query: ArraySlice<UInt8>? { queryRange.map { bytes[$0] } }

    var isHead: Bool { HTTPSyntax.isEqual(method, "HEAD") }

    /// The values of every field of that name, which must be written in lower case, in their order.
    package func values(_ name: StaticString) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        for field in fields where isNamed(field, name) { values.append(bytes[field.value]) }
        return values
    }

    /// The value of the only field of that name.
    package func value(_ name: StaticString) -> FieldPresence {
        var found: Range<Int>?
        for field in fields where isNamed(field, name) {
            guard found == nil else { return .repeated }
            found = field.value
        }
        return found.map { .once(bytes[$0]) } ?? .absent
    }

    private func isNamed(_ field: Field, _ name: StaticString) -> Bool {
        field.name.count == name.utf8CodeUnitCount && HTTPSyntax.isEqual(bytes[field.name], name)
    }
}

/// A field that decides something must be there once or not at all: of two values neither may be picked.
package enum FieldPresence: Sendable {
    case absent
    case once(ArraySlice<UInt8>)
    case repeated
}

/// A whole request.
package struct HTTPRequest: Sendable {
    package let head: RequestHead
    package let body: [UInt8]
}
