/// Byte classes of HTTP/1.1 (RFC 9110, RFC 9112). Everything here is bytes: no text, no case folding but ASCII's.
enum HTTPSyntax {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")

    /// `tchar` of RFC 9110, section 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        // A bit for each ASCII character: digits and !#$%&'*+-. below 64, letters and ^_`|~ above.
        let members: UInt64 = byte < 64 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
        return byte < 128 && members >> UInt64(byte & 63) & 1 == 1
    }

    /// A field's value may hold tabs, visible ASCII and bytes above it, and no control character.
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == tab }

    static func isGraphic(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }

    static func areGraphic(_ bytes: ByteView) -> Bool {
        bytes.firstIndex(
            from: 0, to: bytes.count, { $0.isBelow(0x21) | $0.isEqual(0x7f) | $0.isNotASCII }, { !isGraphic($0) })
            == bytes.count
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// `unreserved` of RFC 3986, section 2.3.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether the bytes are `text`, which must be lower case, in any case of ASCII.
    static func isEqualIgnoringCase(_ bytes: some Collection<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        var expected = text.utf8Start
        for byte in bytes {
            guard lowercased(byte) == expected.pointee else { return false }
            expected += 1
        }
        return true
    }

    static func isEqual(_ bytes: some Collection<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        var expected = text.utf8Start
        for byte in bytes {
            guard byte == expected.pointee else { return false }
            expected += 1
        }
        return true
    }
}
