/// A member of a body where leaving it out, clearing it and setting it mean three different things.
public enum Field<Value> {
    case absent
    case null
    case value(Value)
}

extension Field: Sendable where Value: Sendable {}
extension Field: Equatable where Value: Equatable {}

extension Field {
    /// The value; nil where it is absent or null.
    public var value: Value? {
        guard case .value(let value) = self else { return nil }
        return value
    }

    /// Whether the body names the field, be it with null.
    public var isPresent: Bool {
        guard case .absent = self else { return true }
        return false
    }
}

/// Reads an object's members by name and type and, at the end, refuses those that nobody asked for.
///
/// A reader that is not finished has accepted nothing: `finish()` is what makes unknown fields an error.
/// Null counts as absent only where the caller says so (`nullable`), since "no restriction" and "not sent" must not
/// be one accident apart.
public struct ObjectReader {
    private let members: JSONObject
    private let pointer: String
    private(set) var namesRead: [String] = []

    /// - Throws: `invalid_type` with an empty pointer where the value is not an object.
    public init(_ json: JSON) throws(BodyError) { try self.init(json, at: "") }

    init(_ json: JSON, at pointer: String) throws(BodyError) {
        guard case .object(let members) = json else {
            throw .invalidType(at: pointer, expected: "an object", found: json)
        }
        self.members = members
        self.pointer = pointer
    }

    public func isPresent(_ name: String) -> Bool { members[name] != nil }

    /// The pointer of one of the members.
    public func pointer(to name: String) -> String { FieldError.pointer(pointer, name) }

    public mutating func optionalField<Value: BodyValue>(
        _ name: String, nullable: Bool = false, as type: Value.Type = Value.self
    ) throws(BodyError) -> Field<Value> {
        namesRead.append(name)
        guard let json = members[name] else { return .absent }
        if nullable, json == .null { return .null }
        return .value(try Value(reading: json, at: pointer(to: name)))
    }

    public mutating func string(_ name: String, nullable: Bool = false) throws(BodyError) -> String? {
        try optionalField(name, nullable: nullable, as: String.self).value
    }

    public mutating func integer(_ name: String, nullable: Bool = false) throws(BodyError) -> Int64? {
        try optionalField(name, nullable: nullable, as: Int64.self).value
    }

    public mutating func bool(_ name: String, nullable: Bool = false) throws(BodyError) -> Bool? {
        try optionalField(name, nullable: nullable, as: Bool.self).value
    }

    public mutating func strings(_ name: String, nullable: Bool = false) throws(BodyError) -> [String]? {
        try optionalField(name, nullable: nullable, as: [String].self).value
    }

    public mutating func labels(_ name: String, nullable: Bool = false) throws(BodyError) -> [LabelField]? {
        try optionalField(name, nullable: nullable, as: [LabelField].self).value
    }

    /// A nested object, to be finished by whoever reads it.
    public mutating func object(_ name: String) throws(BodyError) -> ObjectReader? {
        try optionalField(name, as: ObjectReader.self).value
    }

    /// An array of objects, each to be finished by whoever reads it.
    public mutating func objects(_ name: String) throws(BodyError) -> [ObjectReader]? {
        try optionalField(name, as: [ObjectReader].self).value
    }

    /// - Throws: 422 `required` where the member is absent.
    public mutating func required<Value: BodyValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(BodyError) -> Value {
        guard let value = try optionalField(name, as: type).value else {
            throw BodyError(
                first: FieldError(pointer: pointer(to: name), code: "required", detail: "This field is required."))
        }
        return value
    }

    /// - Throws: 422 `required` where the member is absent.
    public mutating func requiredString(_ name: String) throws(BodyError) -> String { try required(name) }

    /// - Throws: 422 `unknown_field` with the members that were not read, the first 20 of them.
    public func finish() throws(BodyError) {
        let unknown = members.keys.lazy.filter { key in !namesRead.contains { $0.utf8.elementsEqual(key.utf8) } }
        let errors = unknown.prefix(20).map { key in
            FieldError(
                pointer: pointer(to: key), code: "unknown_field", detail: "There is no such field in this request.")
        }
        if let first = errors.first { throw BodyError(first: first, rest: Array(errors.dropFirst())) }
    }
}
