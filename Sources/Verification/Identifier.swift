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

    /// A new identifier: 48 bits of milliseconds since the epoch and 74 random bits.
    public init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(max(0, time.microseconds / 1000)) & 0xffff_ffff_ffff
        high = milliseconds << 16 | 0x7000 | random.next() & 0x0fff
        low = 0x8000_0000_0000_0000 | random.next() & 0x3fff_ffff_ffff_ffff
    }

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses exactly what `description` writes; nil for any other text.
    public init?(_ text: some StringProtocol) {
        var bytes = text.utf8.makeIterator()
        for index in 0..<Kind.prefix.utf8CodeUnitCount where bytes.next() != Kind.prefix.utf8Start[index] {
            return nil
        }
        guard bytes.next() == UInt8(ascii: "_") else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for position in 0..<26 {
            guard let byte = bytes.next(), let value = CrockfordBase32.value(of: byte) else { return nil }
            if position == 0 && value > 7 { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        guard bytes.next() == nil else { return nil }
        self.init(high: high, low: low)
    }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(Kind.prefix.utf8CodeUnitCount + 27)
        write { text.append($0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Each byte of `description` in turn.
    @inlinable public func write(_ append: (UInt8) -> Void) {
        for index in 0..<Kind.prefix.utf8CodeUnitCount { append(Kind.prefix.utf8Start[index]) }
        append(UInt8(ascii: "_"))
        var (high, low) = (high, low)
        // 130 bits from the top, of which the first two are none of the identifier's.
        append(CrockfordBase32.character(of: UInt8(truncatingIfNeeded: high >> 61)))
        (high, low) = (high << 3 | low >> 61, low << 3)
        for _ in 1..<26 {
            append(CrockfordBase32.character(of: UInt8(truncatingIfNeeded: high >> 59)))
            (high, low) = (high << 5 | low >> 59, low << 5)
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Douglas Crockford's base 32 without its tolerance: lower case only, no aliases for `i`, `l`, `o`.
@usableFromInline enum CrockfordBase32 {
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    /// Of the lower five bits.
    @inlinable static func character(of value: UInt8) -> UInt8 {
        let value = value & 31
        // The letters leave out i, l, o and u.
        let skipped = (value >= 18 ? 1 : 0) + (value >= 20 ? 1 : 0) + (value >= 22 ? 1 : 0) + (value >= 27 ? 1 : 0)
        return value < 10 ? 0x30 + value : 0x57 + value + UInt8(skipped)
    }

    static func value(of character: UInt8) -> UInt8? {
        for value in 0..<UInt8(32) where alphabet.utf8Start[Int(value)] == character { return value }
        return nil
    }
}
