/// The members of a JSON object in the order in which they were written. Two objects are equal when their members
/// are, order included.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
    public typealias Member = (key: String, value: JSON)

    public private(set) var members: [Member]

    /// The caller answers for the keys being distinct.
    public init(_ members: [(String, JSON)] = []) {
        self.members = members.map { (key: $0.0, value: $0.1) }
    }

    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

    public var isEmpty: Bool { members.isEmpty }

    public var keys: [String] { members.map(\.key) }

    /// The member with exactly these bytes as its key. Setting keeps the member's place, or appends; setting nil
    /// removes. Takes time in proportion to the number of members.
    public subscript(_ key: String) -> JSON? {
        get { index(of: key).map { members[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member at the end without looking for one of the same key.
    public mutating func append(_ key: String, _ value: JSON) { members.append((key, value)) }

    /// Adds all of the other's members at the end.
    public mutating func append(contentsOf other: JSONObject) { members += other.members }

    private func index(of key: String) -> Int? {
        members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
    }
}

extension JSONObject: Equatable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) {
            $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value
        }
    }
}
