/// What changed, as a flat set of named values that is written in one canonical form: names sorted by bytes, no
/// white space, control characters escaped.
public struct AuditDetails: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public enum Value: Sendable, Hashable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        case list([String])
        case none
    }

    private var values: [String: Value] = [:]

    public init(dictionaryLiteral elements: (String, Value)...) {
        for (name, value) in elements { values[name] = value }
    }

    public subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    public var canonicalText: String {
        let members = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\(Self.quoted($0.key)):\(Self.rendered($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func rendered(_ value: Value) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .list(let items): "[\(items.map(quoted).joined(separator: ","))]"
        case .none: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case let control where control.value < 0x20 || (0x7f...0x9f).contains(control.value):
                let hex = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension AuditDetails.Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }

    /// An optional text, `null` where there is none.
    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .none }
}
