import Glibc
import KeybearerVerification

/// What texts that come again and again mean, so that they are parsed once: a gateway asks for the same few
/// permissions all day. One event loop's own; a text that hashes to another's place takes it, so that no flood of
/// different texts makes it grow.
struct Memo<Value> {
    private struct Slot {
        let text: [UInt8]
        let value: Value
    }

    private static var places: Int { 256 }
    /// A longer text is parsed every time.
    private static var longest: Int { 512 }

    private var slots = [Slot?](repeating: nil, count: Self.places)

    mutating func value(of text: ByteView, _ parse: (ByteView) -> Value) -> Value {
        guard text.count <= Self.longest else { return parse(text) }
        let place = Self.place(of: text)
        if let slot = slots[place], Self.isSame(slot.text, text) { return slot.value }
        let value = parse(text)
        slots[place] = Slot(text: Array(text), value: value)
        return value
    }

    private static func place(of text: ByteView) -> Int {
        // Fowler, Noll and Vo's hash (FNV-1a), of eight bytes a step as far as there are eight.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var index = 0
        while index + 8 <= text.count {
            hash = (hash ^ EightBytes(text, at: index).word) &* 0x100_0000_01b3
            hash ^= hash >> 32
            index += 8
        }
        for byte in text[index...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(places - 1))
    }

    private static func isSame(_ known: [UInt8], _ text: ByteView) -> Bool {
        guard known.count == text.count else { return false }
        guard let start = text.baseAddress else { return true }
        // Both have `count` bytes.
        return known.withUnsafeBufferPointer { memcmp($0.baseAddress ?? start, start, text.count) == 0 }
    }
}

/// What one event loop remembers of the texts that it has parsed.
struct Memory {
    /// By the query of `/v1/authorize`.
    var options = Memo<AuthorizeOptions>()
    /// By the `permission` of `/v1/verify`; nil for what may not be asked for.
    var permissions = Memo<Permission?>()
}
