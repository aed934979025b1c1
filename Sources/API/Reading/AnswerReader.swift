/// A resource that a client can read from an answer. Members that it does not know are passed over, so that a newer
/// server does not stop an older client.
public protocol ReadableResource: Resource {
    init(reading answer: AnswerReader) throws(UnexpectedAnswer)
}

/// An answer that is JSON but not of the form that the API documents.
public struct UnexpectedAnswer: Error, Sendable, Hashable, CustomStringConvertible {
    /// RFC 6901; where the other form was found.
    public let pointer: String
    public let expected: String

    public var description: String { "the answer has not \(expected) at \(pointer.isEmpty ? "its root" : pointer)" }
}

/// Reads an answer's members by name and type.
public struct AnswerReader: Sendable {
    public let json: JSON
    private let pointer: String

    public init(_ json: JSON) { self.init(json, at: "") }

    private init(_ json: JSON, at pointer: String) {
        self.json = json
        self.pointer = pointer
    }

    public func string(_ name: String) throws(UnexpectedAnswer) -> String {
        try required(name, "a string") { $0.text }
    }

    /// nil where the member is null or not there.
    public func optionalString(_ name: String) throws(UnexpectedAnswer) -> String? {
        try optional(name, "a string or null") { $0.text }
    }

    public func integer(_ name: String) throws(UnexpectedAnswer) -> Int64 {
        try required(name, "an integer") { $0.integerValue }
    }

    public func optionalInteger(_ name: String) throws(UnexpectedAnswer) -> Int64? {
        try optional(name, "an integer or null") { $0.integerValue }
    }

    public func count(_ name: String) throws(UnexpectedAnswer) -> Int {
        try required(name, "an integer") { $0.integerValue.flatMap { Int(exactly: $0) } }
    }

    public func optionalCount(_ name: String) throws(UnexpectedAnswer) -> Int? {
        try optional(name, "an integer or null") { $0.integerValue.flatMap { Int(exactly: $0) } }
    }

    public func bool(_ name: String) throws(UnexpectedAnswer) -> Bool {
        try required(name, "true or false") { $0.boolValue }
    }

    public func strings(_ name: String) throws(UnexpectedAnswer) -> [String] {
        try required(name, "an array of strings") { json in
            json.elements.flatMap { elements in
                let texts = elements.compactMap(\.text)
                return texts.count == elements.count ? texts : nil
            }
        }
    }

    public func labels(_ name: String) throws(UnexpectedAnswer) -> [LabelField] {
        try required(name, "an object of strings") { json in
            json.objectValue.flatMap { object in
                let labels = object.members.compactMap { member in
                    member.value.text.map { LabelField(key: member.key, value: $0) }
                }
                return labels.count == object.members.count ? labels : nil
            }
        }
    }

    /// An object whose members are counts.
    public func counts(_ name: String) throws(UnexpectedAnswer) -> [(code: String, count: Int64)] {
        try required(name, "an object of integers") { json in
            json.objectValue.flatMap { object in
                let counts = object.members.compactMap { member in
                    member.value.integerValue.map { (code: member.key, count: $0) }
                }
                return counts.count == object.members.count ? counts : nil
            }
        }
    }

    public func resource<Value: ReadableResource>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(UnexpectedAnswer) -> Value {
        guard let json = json[name] else { throw missing(name, "an object") }
        return try Value(reading: AnswerReader(json, at: pointer + "/" + name))
    }

    /// nil where the member is null or not there.
    public func optionalResource<Value: ReadableResource>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(UnexpectedAnswer) -> Value? {
        guard let json = json[name], json != .null else { return nil }
        return try Value(reading: AnswerReader(json, at: pointer + "/" + name))
    }

    public func resources<Value: ReadableResource>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(UnexpectedAnswer) -> [Value] {
        guard let elements = json[name]?.elements else { throw missing(name, "an array") }
        var values: [Value] = []
        for (index, element) in elements.enumerated() {
            values.append(try Value(reading: AnswerReader(element, at: "\(pointer)/\(name)/\(index)")))
        }
        return values
    }

    private func required<Value>(
        _ name: String, _ expected: String, _ read: (JSON) -> Value?
    ) throws(UnexpectedAnswer) -> Value {
        guard let value = json[name].flatMap(read) else { throw missing(name, expected) }
        return value
    }

    private func optional<Value>(
        _ name: String, _ expected: String, _ read: (JSON) -> Value?
    ) throws(UnexpectedAnswer) -> Value? {
        guard let member = json[name], member != .null else { return nil }
        guard let value = read(member) else { throw missing(name, expected) }
        return value
    }

    private func missing(_ name: String, _ expected: String) -> UnexpectedAnswer {
        UnexpectedAnswer(pointer: FieldError.pointer(pointer, name), expected: expected)
    }
}

extension Page: ReadableResource where Element: ReadableResource {
    public init(reading answer: AnswerReader) throws(UnexpectedAnswer) {
        self.init(
            data: try answer.resources("data"), nextCursor: try answer.optionalString("next_cursor"))
    }
}
