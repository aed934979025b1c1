extension JSONParser {
    /// Reads a string from its opening to its closing quotation mark.
    mutating func string() throws(MalformedJSON) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = String(validating: bytes[start..<position], as: UTF8.self)
                guard let text else { throw MalformedJSON(.invalidUTF8, at: start) }
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0x00..<0x20: throw MalformedJSON(.controlCharacter, at: position)
            default: position += 1
            }
        }
        throw MalformedJSON(.unexpectedEnd, at: position)
    }

    /// Reads the rest of a string whose first escape sequence stands at `position`.
    private mutating func escapedString(from start: Int) throws(MalformedJSON) -> String {
        var text = Array(bytes[start..<position])
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw MalformedJSON(.invalidUTF8, at: start)
                }
                position += 1
                return result
            case UInt8(ascii: "\\"):
                position += 1
                try appendEscape(to: &text)
            case 0x00..<0x20: throw MalformedJSON(.controlCharacter, at: position)
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(MalformedJSON) {
        let letter = try peek()
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(try escapedScalar().utf8)
        default: throw MalformedJSON(.invalidEscape, at: position - 1)
        }
    }

    /// Reads what follows `\u`: four digits, or a surrogate pair's eight with the second `\u` between them.
    private mutating func escapedScalar() throws(MalformedJSON) -> String {
        let start = position - 2
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return String(scalar) }
        guard first < 0xdc00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw MalformedJSON(.loneSurrogate, at: start) }
        position += 2
        let second = try fourHexDigits()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw MalformedJSON(.loneSurrogate, at: start) }
        return String(scalar)
    }

    private mutating func fourHexDigits() throws(MalformedJSON) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw MalformedJSON(.invalidEscape, at: position)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
