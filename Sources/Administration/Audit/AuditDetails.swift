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

    private struct Member: Sendable, Hashable {
        let name: String
        let value: Value
    }

    /// Sorted by the names' bytes, each name once.
    private var members: [Member] = []

    public init(dictionaryLiteral elements: (String, Value)...) {
        members.reserveCapacity(elements.count)
        for (name, value) in elements { self[name] = value }
    }

    public subscript(name: String) -> Value? {
        get {
            let place = place(of: name)
            return place.isTaken ? members[place.index].value : nil
        }
        set {
            let place = place(of: name)
            if place.isTaken { members.remove(at: place.index) }
            if let newValue { members.insert(Member(name: name, value: newValue), at: place.index) }
        }
    }

    private func place(of name: String) -> (index: Int, isTaken: Bool) {
        // From the end: a literal's names are often in their order already.
        for index in members.indices.reversed() {
            if members[index].name == name { return (index, true) }
            if members[index].name.utf8.lexicographicallyPrecedes(name.utf8) { return (index + 1, false) }
        }
        return (0, false)
    }

    public var canonicalText: String {
        var text = "{"
        text.reserveCapacity(256)
        for member in members {
            if text.utf8.count > 1 { text += "," }
            Self.quote(member.name, into: &text)
            text += ":"
            Self.render(member.value, into: &text)
        }
        return text + "}"
    }

    private static func render(_ value: Value, into output: inout String) {
        switch value {
        case .text(let text): quote(text, into: &output)
        case .number(let number): output += String(number)
        case .flag(let flag): output += flag ? "true" : "false"
        case .list(let items):
            output += "["
            for (index, item) in items.enumerated() {
                if index > 0 { output += "," }
                quote(item, into: &output)
            }
            output += "]"
        case .none: output += "null"
        }
    }

    private static func quote(_ text: String, into output: inout String) {
        output += "\""
        defer { output += "\"" }
        var plain = text
        guard !plain.withUTF8({ $0.allSatisfy(isPlain) }) else {
            output += plain
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case let control where control.value < 0x20 || (0x7f...0x9f).contains(control.value):
                let hex = String(control.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: output.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whether the byte is a character that is written as it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

extension AuditDetails.Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }

    /// An optional text, `null` where there is none.
    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .none }
}
