import Synchronization

/// What an identifier names: its text starts with `prefix` and an underscore.
public protocol IdentifierKind {
    static var prefix: StaticString { get }
}

public enum OrganizationKind: IdentifierKind { public static let prefix: StaticString = "org" }
public enum UserKind: IdentifierKind { public static let prefix: StaticString = "usr" }
public enum KeyKind: IdentifierKind { public static let prefix: StaticString = "key" }
public enum EventKind: IdentifierKind { public static let prefix: StaticString = "evt" }
public enum SessionKind: IdentifierKind { public static let prefix: StaticString = "ses" }
public enum InvitationKind: IdentifierKind { public static let prefix: StaticString = "inv" }
public enum OperatorTokenKind: IdentifierKind { public static let prefix: StaticString = "opt" }

public typealias OrganizationID = Identifier<OrganizationKind>
public typealias UserID = Identifier<UserKind>
public typealias KeyID = Identifier<KeyKind>
public typealias EventID = Identifier<EventKind>
public typealias SessionID = Identifier<SessionKind>
public typealias InvitationID = Identifier<InvitationKind>
public typealias OperatorTokenID = Identifier<OperatorTokenKind>

/// A UUIDv7 (RFC 9562, section 5.7) written as its kind, an underscore and 26 characters of lower-case
/// Crockford base 32, so that identifiers of one kind sort by creation time as text and as numbers.
public struct Identifier<Kind: IdentifierKind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    /// A new identifier: 48 bits of milliseconds since the epoch, 12 that count what this process makes in one of them
    /// (RFC 9562, section 6.2, method 1), and 62 random bits. Clocks move by the tick, so without the count what was
    /// made first would as often as not be sorted last.
    public init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
        self.init(at: time, counting: newestPlace, using: &random)
    }

    init(at time: Timestamp, counting newest: IdentifierPlace, using random: inout some RandomNumberGenerator) {
        let place = newest.next(in: Self.milliseconds(time))
        high = (place >> 12) << 16 | 0x7000 | place & 0x0fff
        low = 0x8000_0000_0000_0000 | random.next() & 0x3fff_ffff_ffff_ffff
    }

    /// Sorts before all identifiers that were made at the time or later.
    public init(before time: Timestamp) {
        self.init(high: Self.milliseconds(time) << 16, low: 0)
    }

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    private static func milliseconds(_ time: Timestamp) -> UInt64 {
        UInt64(max(0, time.microseconds / 1000)) & 0xffff_ffff_ffff
    }

    /// Parses exactly what `description` writes; nil for any other text. Not generic: identifiers are read from every row,
    /// and a collection of bytes that another module does not know costs a hundred times its bytes.
    public init?(_ text: String) {
        var text = text
        guard let (high, low) = text.withUTF8({ Self.numbers($0) }) else { return nil }
        self.init(high: high, low: low)
    }

    private static func numbers(_ text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        let prefix = UnsafeBufferPointer(start: Kind.prefix.utf8Start, count: Kind.prefix.utf8CodeUnitCount)
        guard text.count == textLength, text.starts(with: prefix), text[prefix.count] == UInt8(ascii: "_") else {
            return nil
        }
        return CrockfordBase32.numbers(UnsafeBufferPointer(rebasing: text[(prefix.count + 1)...]))
    }

    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { bytes in
            // Room for `textLength` bytes, as was asked for.
            bytes.baseAddress.map { write(to: $0) } ?? 0
        }
    }

    /// The longest description's bytes.
    @inlinable public static var textLength: Int { Kind.prefix.utf8CodeUnitCount + 1 + CrockfordBase32.length }

    /// Writes the bytes of `description`.
    /// - Parameter text: room for `textLength` bytes.
    /// - Returns: how many that were.
    @inlinable public func write(to text: UnsafeMutablePointer<UInt8>) -> Int {
        let prefix = Kind.prefix
        text.update(from: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        text[prefix.utf8CodeUnitCount] = UInt8(ascii: "_")
        CrockfordBase32.write(high, low, to: text + prefix.utf8CodeUnitCount + 1)
        return Self.textLength
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

private let newestPlace = IdentifierPlace()

/// The millisecond of the newest identifier, and how many were made in it before.
final class IdentifierPlace: Sendable {
    private let newest = Atomic<UInt64>(0)

    /// - Returns: the millisecond and, in the lowest 12 bits, the count. The 4,097th of a millisecond is of the next one.
    func next(in milliseconds: UInt64) -> UInt64 {
        var known = newest.load(ordering: .relaxed)
        while true {
            let next = known >> 12 == milliseconds ? (known + 1) & 0xfff_ffff_ffff_ffff : milliseconds << 12
            let (isDone, current) = newest.weakCompareExchange(expected: known, desired: next, ordering: .relaxed)
            if isDone { return next }
            known = current
        }
    }
}

/// Douglas Crockford's base 32 without its tolerance: lower case only, no aliases for `i`, `l`, `o`.
public enum CrockfordBase32 {
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
    /// Of 128 bits, in characters.
    public static let length = 26

    /// 128 bits after two bits of zeros, which make a multiple of five.
    /// - Parameter text: room for `length` bytes.
    public static func write(_ high: UInt64, _ low: UInt64, to text: UnsafeMutablePointer<UInt8>) {
        let letters = alphabet.utf8Start
        // 13 characters are 65 bits: of those two zeros and 63 bits first, of the other 65 then.
        for position in 0..<13 { text[position] = letters[Int(high >> UInt64(61 - 5 * position) & 31)] }
        text[13] = letters[Int((high & 1) << 4 | low >> 60)]
        for position in 0..<12 { text[14 + position] = letters[Int(low >> UInt64(55 - 5 * position) & 31)] }
    }

    /// What `write` wrote; nil for any other text.
    /// - Parameter text: `length` bytes.
    static func numbers(_ text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in text {
            guard let value = value(of: byte) else { return nil }
            // Two bits more than 128 come first, and are zeros.
            guard high >> 59 == 0 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        return (high, low)
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "h"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "j")...UInt8(ascii: "k"): character - UInt8(ascii: "j") + 18
        case UInt8(ascii: "m")...UInt8(ascii: "n"): character - UInt8(ascii: "m") + 20
        case UInt8(ascii: "p")...UInt8(ascii: "t"): character - UInt8(ascii: "p") + 22
        case UInt8(ascii: "v")...UInt8(ascii: "z"): character - UInt8(ascii: "v") + 27
        default: nil
        }
    }
}
