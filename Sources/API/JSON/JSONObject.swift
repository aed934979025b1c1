/// The members of a JSON object in the order in which they were written. Two objects are equal when their members
/// are, order included.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
    public typealias Member = (key: String, value: JSON)

    // As a literal has them: to label each would copy all.
    private(set) var pairs: [(String, JSON)]

    public var members: [Member] { pairs.map { (key: $0.0, value: $0.1) } }

    /// The caller answers for the keys being distinct.
    public init(_ members: [(String, JSON)] = []) { pairs = members }

    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

    public var isEmpty: Bool { pairs.isEmpty }

    public var keys: [String] { pairs.map(\.0) }

    /// The member with exactly these bytes as its key. Setting keeps the member's place, or appends; setting nil
    /// removes. Takes time in proportion to the number of members.
    public subscript(_ key: String) -> JSON? {
        get { index(of: key).map { pairs[$0].1 } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): pairs[index].1 = value
            case (let index?, nil): pairs.remove(at: index)
            case (nil, let value?): pairs.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member at the end without looking for one of the same key.
    public mutating func append(_ key: String, _ value: JSON) { pairs.append((key, value)) }

    /// Adds all of the other's members at the end.
    public mutating func append(contentsOf other: JSONObject) { pairs += other.pairs }

    private func index(of key: String) -> Int? {
        pairs.firstIndex { $0.0.utf8.elementsEqual(key.utf8) }
    }
}

extension JSONObject: Equatable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
    }
}
