/// Base 16 as bytes of ASCII.
enum Hexadecimal {
    static func lowercaseDigit(of value: UInt8) -> UInt8 {
        let value = value & 15
        return value < 10 ? 0x30 + value : 0x57 + value
    }

    /// The value of `0`…`9` and `a`…`f`; nil for anything else, capitals included.
    static func lowercaseValue(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    /// Like `lowercaseValue`, and `A`…`F` too.
    static func value(of digit: UInt8) -> UInt8? {
        (0x41...0x46).contains(digit) ? digit - 0x37 : lowercaseValue(of: digit)
    }

    static func append(_ byte: UInt8, to text: inout [UInt8]) {
        text.append(lowercaseDigit(of: byte >> 4))
        text.append(lowercaseDigit(of: byte))
    }
}
