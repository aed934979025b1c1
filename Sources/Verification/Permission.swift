/// `RESOURCE:ACTION` or `RESOURCE/INSTANCE:ACTION`: what a role or key grants, and what a call asks for.
///
/// Names are `[a-z][a-z0-9_]*` of at most 64 bytes, or `*` for any; instances are `[A-Za-z0-9._~-]{1,128}`, and
/// `*` has none. Compared as bytes: Swift's `String` equality is Unicode's, a database's is not.
public struct Permission: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]
    let shape: Shape

    /// Parses exactly the grammar; nil for anything else.
    public init?(_ text: String) { self.init(bytes: text.utf8) }

    public init?(bytes text: some Collection<UInt8>) {
        guard text.count <= Self.longest else { return nil }
        let bytes = [UInt8](text)
        guard let shape = Shape(parsing: bytes) else { return nil }
        self.bytes = bytes
        self.shape = shape
    }

    private static let longest = 64 + 1 + 128 + 1 + 64

    public var resource: String { text(of: shape.resource) }
    public var instance: String? { shape.instance.isEmpty ? nil : text(of: shape.instance) }
    public var action: String { text(of: shape.action) }
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    var hasWildcard: Bool { shape.anyResource || shape.anyAction }

    /// Whether holding `self` is enough where `other` is asked for or given. Each part is equal or `*`, and a
    /// resource without an instance stands for all of them. A `*` that is asked for is covered by `*` only.
    public func covers(_ other: Permission) -> Bool {
        shape.mayCover(other.shape) && (shape.isWhole || coversBytes(of: other))
    }

    /// `covers` for what the shape may cover and does not have whole.
    @inline(never)
    func coversBytes(of other: Permission) -> Bool {
        (shape.anyResource || isSame(shape.resource, other, other.shape.resource))
            && (shape.anyAction || isSame(shape.action, other, other.shape.action))
            && (!shape.hasInstance || isSame(shape.instance, other, other.shape.instance))
    }

    public static func == (left: Permission, right: Permission) -> Bool { left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    private func text(of range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isSame(_ range: Range<Int>, _ other: Permission, _ otherRange: Range<Int>) -> Bool {
        bytes[range].elementsEqual(other.bytes[otherRange])
    }
}

extension Permission {
    /// How long the parts are, and their ends, by which short ones are compared whole and most others told apart without
    /// touching their bytes.
    struct Shape: Sendable {
        private let resourceLength: UInt8
        /// 0 where no instance is named.
        private let instanceLength: UInt8
        private let actionLength: UInt8
        let anyResource: Bool
        let anyAction: Bool
        /// Whether nothing is left to compare where `mayCover` is true: no instance, and no name of more than two ends.
        let isWhole: Bool
        private let resourceEnds: Ends
        private let actionEnds: Ends
        /// Of the instance, whose beginning is often that of others; 0 for none.
        private let instanceTail: UInt64

        var hasInstance: Bool { instanceLength > 0 }
        var resource: Range<Int> { 0..<Int(resourceLength) }
        /// Empty where no instance is named.
        var instance: Range<Int> {
            let start = Int(resourceLength) + (hasInstance ? 1 : 0)
            return start..<start + Int(instanceLength)
        }
        var action: Range<Int> {
            let start = instance.upperBound + 1
            return start..<start + Int(actionLength)
        }

        init?(parsing bytes: [UInt8]) {
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let slash = bytes[..<colon].firstIndex(of: UInt8(ascii: "/"))
            let resource = bytes[..<(slash ?? colon)]
            let action = bytes[(colon + 1)...]
            let instance = slash.map { bytes[($0 + 1)..<colon] }
            anyResource = resource.elementsEqual([UInt8(ascii: "*")])
            anyAction = action.elementsEqual([UInt8(ascii: "*")])
            guard anyResource || PermissionGrammar.isName(resource), anyAction || PermissionGrammar.isName(action),
                instance.map(PermissionGrammar.isInstance) ?? true, instance == nil || !anyResource
            else { return nil }
            // By the grammar 64, 128 and 64 at most.
            resourceLength = UInt8(resource.count)
            instanceLength = UInt8(instance?.count ?? 0)
            actionLength = UInt8(action.count)
            isWhole = instance == nil && max(resource.count, action.count) <= 2 * Ends.length
            resourceEnds = Ends(of: resource)
            actionEnds = Ends(of: action)
            instanceTail = instance.map { Ends(of: $0).tail } ?? 0
        }

        /// False only where `covers` is; true leaves the bytes to be compared, unless this shape `isWhole`.
        func mayCover(_ other: Shape) -> Bool {
            (anyResource || resourceLength == other.resourceLength && resourceEnds == other.resourceEnds)
                && (anyAction || actionLength == other.actionLength && actionEnds == other.actionEnds)
                && (!hasInstance || instanceLength == other.instanceLength && instanceTail == other.instanceTail)
        }
    }

    /// The first and the last eight bytes of a part, all of a shorter one: of parts that are equally long and of 16 bytes
    /// at most, equal ends say that they are the same.
    struct Ends: Sendable, Equatable {
        let head: UInt64
        let tail: UInt64

        static let length = 8

        init(of bytes: ArraySlice<UInt8>) {
            head = Self.word(bytes.prefix(Self.length))
            tail = Self.word(bytes.suffix(Self.length))
        }

        private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}

enum PermissionGrammar {
    static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...64).contains(bytes.count), let first = bytes.first, isLowercase(first) else { return false }
        return bytes.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    static func isInstance(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...128).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-"): true
            default: isLowercase(byte | 0x20) && byte & 0x40 != 0 || isDigit(byte)
            }
        }
    }

    private static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
