/// A range of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3); a bare address is a block of one.
public struct CIDRBlock: Hashable, Sendable, CustomStringConvertible {
    /// The lowest address of the block.
    public let address: IPAddress
    /// In the notation's own terms: 0…32 for IPv4, 0…128 for IPv6.
    public let prefixLength: Int
    private let highMask: UInt64
    private let lowMask: UInt64

    /// `10.0.0.0/8`, `2001:db8::/32` or a literal address. Nil for anything else and for a block whose address has
    /// bits set beyond its length, which is usually a mistake about the length.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
        guard let address = IPAddress(bytes: bytes[..<slash]) else { return nil }
        let isMapped = address.isIPv4 && bytes[..<slash].contains(UInt8(ascii: ":"))
        let written = slash == bytes.endIndex ? nil : Self.decimal(bytes[(slash + 1)...])
        guard slash == bytes.endIndex || written != nil else { return nil }
        // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
        let length = written.map { isMapped ? $0 - 96 : $0 } ?? (address.isIPv4 ? 32 : 128)
        self.init(address: address, prefixLength: length)
    }

    public init(_ address: IPAddress) {
        self.init(checked: address, prefixLength: address.isIPv4 ? 32 : 128)
    }

    private init?(address: IPAddress, prefixLength: Int) {
        guard (0...(address.isIPv4 ? 32 : 128)).contains(prefixLength) else { return nil }
        self.init(checked: address, prefixLength: prefixLength)
        guard address.high & ~highMask == 0, address.low & ~lowMask == 0 else { return nil }
    }

    /// - Parameters: of a block that was one before.
    init(known address: IPAddress, prefixLength: Int) { self.init(checked: address, prefixLength: prefixLength) }

    private init(checked address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
        let bits = UInt64(address.isIPv4 ? prefixLength + 96 : prefixLength)
        // Swift's shifts are total: by 64 or more they give 0.
        highMask = ~(~0 >> bits)
        lowMask = bits <= 64 ? 0 : ~(~0 >> (bits - 64))
    }

    /// Families are apart: `::/0` holds no IPv4 address, `0.0.0.0/0` no other.
    public func contains(_ other: IPAddress) -> Bool {
        other.high & highMask == address.high && other.low & lowMask == address.low
            && other.isIPv4 == address.isIPv4
    }

    /// Whether every address of the other block is in this one.
    public func covers(_ other: CIDRBlock) -> Bool {
        prefixLength <= other.prefixLength && contains(other.address)
    }

    public var isSingleAddress: Bool { prefixLength == (address.isIPv4 ? 32 : 128) }

    /// Canonical; a block of one address is written without its length.
    public var description: String { isSingleAddress ? "\(address)" : "\(address)/\(prefixLength)" }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
