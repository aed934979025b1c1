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
        shape.mayCover(other.shape)
            && (shape.anyResource || isSame(shape.resource, other, other.shape.resource))
            && (shape.anyAction || isSame(shape.action, other, other.shape.action))
            && (shape.instance.isEmpty || isSame(shape.instance, other, other.shape.instance))
    }

    public static func == (left: Permission, right: Permission) -> Bool { left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    private func text(of range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isSame(_ range: Range<Int>, _ other: Permission, _ otherRange: Range<Int>) -> Bool {
        guard range.count == otherRange.count else { return false }
        return bytes.withUnsafeBufferPointer { own in
            other.bytes.withUnsafeBufferPointer { others in
                own[range].elementsEqual(others[otherRange])
            }
        }
    }
}

extension Permission {
    /// Where the parts lie, and a hash of each, so that most pairs are told apart without touching their bytes.
    struct Shape: Sendable {
        private let resourceEnd: UInt16
        private let instanceEnd: UInt16
        private let end: UInt16
        let anyResource: Bool
        let anyAction: Bool
        private let resourceHash: UInt64
        private let instanceHash: UInt64
        private let actionHash: UInt64

        var resource: Range<Int> { 0..<Int(resourceEnd) }
        /// Empty where no instance is named.
        var instance: Range<Int> { resourceEnd == instanceEnd ? 0..<0 : Int(resourceEnd) + 1..<Int(instanceEnd) }
        var action: Range<Int> { Int(instanceEnd) + 1..<Int(end) }

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
            resourceEnd = UInt16(resource.endIndex)
            instanceEnd = UInt16(colon)
            end = UInt16(bytes.count)
            resourceHash = PermissionGrammar.hash(resource)
            instanceHash = instance.map(PermissionGrammar.hash) ?? 0
            actionHash = PermissionGrammar.hash(action)
        }

        /// False only where `covers` is; true leaves the bytes to be compared.
        func mayCover(_ other: Shape) -> Bool {
            (anyResource || resourceHash == other.resourceHash)
                && (anyAction || actionHash == other.actionHash)
                && (resourceEnd == instanceEnd || instanceHash == other.instanceHash)
        }
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

    /// FNV-1a, 64 bits. Anyone can make two names collide, so equal hashes are only a reason to look closer.
    static func hash(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
