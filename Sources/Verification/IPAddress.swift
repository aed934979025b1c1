/// An IPv4 or IPv6 address, parsed once and compared as a number.
///
/// IPv4-mapped IPv6 (`::ffff:0:0/96`, RFC 4291 section 2.5.5.2) is the IPv4 address: a dual-stack socket reports
/// one and an allowlist names the other. The deprecated `::a.b.c.d` and NAT64's `64:ff9b::/96` stay IPv6.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    static let mappedPrefix: UInt64 = 0x0000_ffff_0000_0000

    /// A literal address: no zone, port, brackets, prefix length, white space or leading zeros in IPv4 (which
    /// some systems read as octal). nil for anything else.
    public init?(_ text: String) { self.init(bytes: text.utf8) }

    /// - Parameter text: ASCII, as `init(_:)` takes it.
    public init?(bytes text: some Collection<UInt8>) {
        guard (2...45).contains(text.count) else { return nil }
        let parsed =
            text.withContiguousStorageIfAvailable { IPAddressParser.parse($0[...]) }
            ?? IPAddressParser.parse([UInt8](text)[...])
        guard let parsed else { return nil }
        self = parsed
    }

    /// - Parameter v4: in host byte order, 127.0.0.1 is 0x7f000001.
    public init(v4: UInt32) {
        high = 0
        low = Self.mappedPrefix | UInt64(v4)
    }

    /// - Parameters: the 128 bits in host byte order. An IPv4-mapped address becomes IPv4.
    public init(v6 high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The network that one customer of a provider usually has alone: an IPv4 address, or the /64 of an IPv6 one.
    public var customerNetwork: IPAddress { isIPv4 ? self : IPAddress(v6: high, low: 0) }

    public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// Dotted decimal, or RFC 5952's canonical form (lower-case, the first longest run of zeros shortened).
    public var description: String { isIPv4 ? dottedDecimal : groupsOfHex }

    private var dottedDecimal: String {
        "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
    }

    private var groupsOfHex: String {
        let groups = (0..<8).map { index -> UInt64 in
            (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)) & 0xffff
        }
        func text(_ groups: ArraySlice<UInt64>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let gap = Self.firstLongestRunOfZeros(groups)
        guard gap.count >= 2 else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    private static func firstLongestRunOfZeros(_ groups: [UInt64]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest
    }
}
