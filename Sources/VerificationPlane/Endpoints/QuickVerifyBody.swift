import KeybearerVerification

/// The bodies of `/v1/verify` and its batch as nearly every caller writes them: `key`, `permission`, `ip` and `cost`,
/// each at most once, in texts without escapes. Read where they stand, with no tree of values.
///
/// This is no second opinion on JSON: whatever is written differently, wrong bodies included, is left to the strict
/// parser, and a test holds the two to the same reading of everything that this one takes.
struct QuickVerifyBody {
    var key: ByteView?
    var permission: ByteView?
    var ip: ByteView?
    var cost = 1

    private init() {}

    /// nil for a body that the strict parser has to read.
    init?(_ bytes: ByteView) {
        var reader = QuickReader(bytes)
        guard let body = reader.verifyBody(), reader.isAtEnd() else { return nil }
        self = body
    }

    /// nil for a batch that the strict parser has to read, or one of more than `most`.
    static func batch(_ bytes: ByteView, most: Int) -> [QuickVerifyBody]? {
        var reader = QuickReader(bytes)
        guard reader.accept("{"), let name = reader.text(), HTTPSyntax.isEqual(name, "requests"), reader.accept(":"),
            reader.accept("[")
        else { return nil }
        var bodies: [QuickVerifyBody] = []
        bodies.reserveCapacity(most)
        repeat {
            guard bodies.count < most, let body = reader.verifyBody() else { return nil }
            bodies.append(body)
        } while reader.accept(",")
        return reader.accept("]") && reader.accept("}") && reader.isAtEnd() ? bodies : nil
    }

    fileprivate static func empty() -> QuickVerifyBody { QuickVerifyBody() }
}

private struct QuickReader {
    private let bytes: ByteView
    private var position = 0

    init(_ bytes: ByteView) { self.bytes = bytes }

    mutating func verifyBody() -> QuickVerifyBody? {
        guard accept("{") else { return nil }
        var body = QuickVerifyBody.empty()
        var hasCost = false
        repeat {
            guard let name = text(), accept(":") else { return nil }
            if HTTPSyntax.isEqual(name, "key"), body.key == nil {
                guard let value = text() else { return nil }
                body.key = value
            } else if HTTPSyntax.isEqual(name, "permission"), body.permission == nil {
                guard let value = text() else { return nil }
                body.permission = value
            } else if HTTPSyntax.isEqual(name, "ip"), body.ip == nil {
                guard let value = text() else { return nil }
                body.ip = value
            } else if HTTPSyntax.isEqual(name, "cost"), !hasCost, let value = number() {
                body.cost = value
                hasCost = true
            } else {
                return nil
            }
        } while accept(",")
        return accept("}") ? body : nil
    }

    /// A structural character, after white space.
    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Between its quotation marks; nil for one with an escape or anything but visible ASCII and spaces.
    mutating func text() -> ByteView? {
        guard accept("\"") else { return nil }
        let start = position
        let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        let end = bytes.firstIndex(
            from: start, to: bytes.count,
            { $0.isBelow(0x20) | $0.isEqual(quote) | $0.isEqual(backslash) | $0.isEqual(0x7f) | $0.isNotASCII },
            { $0 < 0x20 || $0 == quote || $0 == backslash || $0 >= 0x7f })
        guard end < bytes.count, bytes[end] == quote else { return nil }
        position = end + 1
        return bytes.view(start..<end)
    }

    mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }

    /// Up to four digits, without a leading zero, a sign, a fraction or an exponent.
    private mutating func number() -> Int? {
        skipSpace()
        let start = position
        var value = 0
        while position < bytes.count, position - start < 5, (0x30...0x39).contains(bytes[position]) {
            value = value * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        let length = position - start
        guard (1...4).contains(length), length == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }
}
