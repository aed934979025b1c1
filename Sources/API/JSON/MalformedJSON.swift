/// Why a text is not the JSON that is accepted here. Names a place, never what stands there: bodies hold secrets.
public struct MalformedJSON: Error, Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable {
        case empty = "there is no value"
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "a character does not belong there"
        case trailingData = "something follows the value"
        case tooDeep = "it is nested too deeply"
        case duplicateKey = "an object has the same key twice"
        case invalidUTF8 = "it is not valid UTF-8"
        case byteOrderMark = "it starts with a byte order mark"
        case controlCharacter = "a control character in a string is not escaped"
        case invalidEscape = "an escape sequence is not valid"
        case loneSurrogate = "half of a surrogate pair is escaped without the other"
        case numberOutOfRange = "a number is too large"
    }

    public let reason: Reason
    /// Bytes from the start of the text.
    public let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
