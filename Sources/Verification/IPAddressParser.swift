/// The strict grammar of literal addresses, written out because every library's differs: C's `inet_pton` stops at
/// a NUL, `inet_aton` reads octal and hex, Swift's integers accept a sign.
enum IPAddressParser<Text: RandomAccessCollection>
where Text.Element == UInt8, Text.Index == Int, Text.SubSequence == Text {
    static func parse(_ text: Text) -> IPAddress? {
        if text.contains(colon) { return parseV6(text) }
        return parseV4(text).map { IPAddress(v4: $0) }
    }

    /// Four decimal numbers of 0…255, one to three digits each, none with a leading zero.
    private static func parseV4(_ text: Text) -> UInt32? {
        var address: UInt32 = 0
        var number: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits == 0 || number != 0 else { return nil }
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
                digits += 1
                guard number <= 255 else { return nil }
            case dot:
                guard digits > 0, dots < 3 else { return nil }
                address = address << 8 | number
                (number, digits, dots) = (0, 0, dots + 1)
            default: return nil
            }
        }
        guard digits > 0, dots == 3 else { return nil }
        return address << 8 | number
    }

    /// RFC 4291 section 2.2: eight groups of one to four hex digits; `::` once, for one or more groups of zeros;
    /// the last two groups may be dotted decimal.
    private static func parseV6(_ text: Text) -> IPAddress? {
        var groups = HexGroups()
        var rest = text
        if rest.starts(with: [colon, colon]) {
            groups.markGap()
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != colon }
            if digits.contains(dot) {
                guard digits.endIndex == text.endIndex, let v4 = parseV4(digits) else { return nil }
                guard groups.append(UInt64(v4 >> 16)), groups.append(UInt64(v4 & 0xffff)) else { return nil }
                return groups.address
            }
            guard let value = group(digits), groups.append(value) else { return nil }
            rest = rest[digits.endIndex...]
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            guard let next = rest.first else { return nil }
            if next == colon {
                guard groups.markGap() else { return nil }
                rest = rest.dropFirst()
            }
        }
        return groups.address
    }

    private static func group(_ digits: Text) -> UInt64? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = Hexadecimal.value(of: digit) else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        return value
    }

    private static var colon: UInt8 { UInt8(ascii: ":") }
    private static var dot: UInt8 { UInt8(ascii: ".") }
}

/// The groups read so far, shifted in from the right, and how many of them stand before the `::`.
private struct HexGroups {
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    private var count = 0
    private var gap: Int?

    /// False where there is one already.
    @discardableResult
    mutating func markGap() -> Bool {
        guard gap == nil else { return false }
        gap = count
        return true
    }

    /// False where there are eight already.
    mutating func append(_ group: UInt64) -> Bool {
        guard count < 8 else { return false }
        high = high << 16 | low >> 48
        low = low << 16 | group
        count += 1
        return true
    }

    /// Nil unless the groups, with the zeros that `::` stands for, are eight.
    var address: IPAddress? {
        guard let gap else { return count == 8 ? IPAddress(v6: high, low: low) : nil }
        guard count < 8 else { return nil }
        let tailBits = UInt64(16 * (count - gap))
        let tail = Self.lowBits(tailBits, high, low)
        let head = Self.shifted(Self.shifted(high, low, right: tailBits), left: 128 - 16 * UInt64(gap))
        return IPAddress(v6: head.high | tail.high, low: head.low | tail.low)
    }

    private static func lowBits(_ bits: UInt64, _ high: UInt64, _ low: UInt64) -> (high: UInt64, low: UInt64) {
        bits >= 64 ? (high & mask(bits - 64), low) : (0, low & mask(bits))
    }

    // Swift's shifts are total: by 64 or more they give 0.
    private static func mask(_ bits: UInt64) -> UInt64 { ~(~0 << bits) }

    private static func shifted(_ high: UInt64, _ low: UInt64, right bits: UInt64) -> (high: UInt64, low: UInt64) {
        bits >= 64 ? (0, high >> (bits - 64)) : (high >> bits, low >> bits | high << (64 - bits))
    }

    private static func shifted(_ pair: (high: UInt64, low: UInt64), left bits: UInt64) -> (high: UInt64, low: UInt64) {
        bits >= 64
            ? (pair.low << (bits - 64), 0)
            : (pair.high << bits | pair.low >> (64 - bits), pair.low << bits)
    }
}
