import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

/// The version of what a PATCH changes, as `ETag` and `If-Match` carry it (RFC 9110, section 8.8.3).
struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// - Parameter parts: everything that a change can change. What merely happens to a resource, such as a key's
    ///   last use, stays out: it must not make a change fail that is made with care.
    init(of parts: JSON) {
        let hex = KeyDigest(ofText: parts.serialized()).hex
        description = "\"\(String(decoding: hex.utf8.prefix(32), as: UTF8.self))\""
    }
}

/// The condition of an `If-Match` field.
enum Precondition: Sendable, Hashable {
    case none
    case any
    case oneOf([String])

    /// Several fields count as one list. Weak tags never match.
    init(_ values: [String]) {
        guard !values.isEmpty else {
            self = .none
            return
        }
        let tags = values.flatMap { $0.split(separator: ",") }.map { tag in
            String(tag.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        self = tags == ["*"] ? .any : .oneOf(tags)
    }

    func holds(for tag: @autoclosure () -> EntityTag) -> Bool {
        switch self {
        case .none, .any: true
        case .oneOf(let tags): tags.contains(tag().description)
        }
    }
}
