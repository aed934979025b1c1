/// A type that a member of a body can have. There is no conversion: a number in a string is a string, `1.0` is not an
/// integer.
public protocol BodyValue {
    /// - Throws: `invalid_type` with the pointer of the value, or of the element of it, that has another type.
    init(reading json: JSON, at pointer: String) throws(BodyError)
}

extension String: BodyValue {
    public init(reading json: JSON, at pointer: String) throws(BodyError) {
        guard case .string(let text) = json else {
            throw .invalidType(at: pointer, expected: "a string", found: json)
        }
        self = text
    }
}

extension Int64: BodyValue {
    public init(reading json: JSON, at pointer: String) throws(BodyError) {
        guard case .integer(let value) = json else {
            throw .invalidType(at: pointer, expected: "an integer of at most 64 bits", found: json)
        }
        self = value
    }
}

extension Bool: BodyValue {
    public init(reading json: JSON, at pointer: String) throws(BodyError) {
        guard case .bool(let value) = json else {
            throw .invalidType(at: pointer, expected: "true or false", found: json)
        }
        self = value
    }
}

extension ObjectReader: BodyValue {
    public init(reading json: JSON, at pointer: String) throws(BodyError) { try self.init(json, at: pointer) }
}

/// One label of a key as it was sent.
public struct LabelField: Sendable, Hashable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// An array of values, or, for labels, an object of them.
extension Array: BodyValue where Element: ArrayElement {
    public init(reading json: JSON, at pointer: String) throws(BodyError) {
        self = try Element.all(reading: json, at: pointer)
    }
}

/// What several values of a type are read from.
public protocol ArrayElement {
    static func all(reading json: JSON, at pointer: String) throws(BodyError) -> [Self]
}

extension ArrayElement where Self: BodyValue {
    public static func all(reading json: JSON, at pointer: String) throws(BodyError) -> [Self] {
        guard case .array(let elements) = json else {
            throw .invalidType(at: pointer, expected: "an array", found: json)
        }
        var values: [Self] = []
        for (index, element) in elements.enumerated() {
            values.append(try Self(reading: element, at: FieldError.pointer(pointer, String(index))))
        }
        return values
    }
}

extension String: ArrayElement {}
extension ObjectReader: ArrayElement {}

extension LabelField: ArrayElement {
    public static func all(reading json: JSON, at pointer: String) throws(BodyError) -> [LabelField] {
        guard case .object(let object) = json else {
            throw .invalidType(at: pointer, expected: "an object of strings", found: json)
        }
        var labels: [LabelField] = []
        for (key, value) in object.members {
            labels.append(
                LabelField(key: key, value: try String(reading: value, at: FieldError.pointer(pointer, key))))
        }
        return labels
    }
}
