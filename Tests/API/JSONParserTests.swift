import Foundation
import Testing

@testable import KeybearerAPI

@Suite struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), (" false\r\n\t", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)),
            ("1e2", .number(100)),
            ("1E+2", .number(100)), ("-2.5e-1", .number(-0.25)), ("0e0", .number(0)), ("[]", []),
            ("{}", [:]),
            ("[1, [2]]", [1, [2]]), (#"{"a":1,"b":{"a":2}}"#, ["a": 1, "b": ["a": 2]]), (#""""#, ""),
            (#""é😀""#, "é😀"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u00e9\uD83D\ude00""#, "é😀"),
            (#""\u0000""#, "\0"), ("\"\u{7f}\u{2028}\u{feff}\"", "\u{7f}\u{2028}\u{feff}"),
            (#"{"":0}"#, ["": 0]), (#"{"e\u0301":1,"é":2}"#, ["e\u{301}": 1, "é": 2]),
            (#""\uFFFF""#, "\u{ffff}"),
        ] as [(String, JSON)])
    func `valid JSON is read as what it says`(text: String, value: JSON) throws {
        #expect(try JSON.parse(Array(text.utf8)) == value)
    }

    @Test(
        arguments: [
            ("", MalformedJSON.Reason.empty), (" \n", .empty), ("\u{feff}{}", .byteOrderMark),
            ("{} {}", .trailingData),
            ("{}\0", .trailingData), ("1 2", .trailingData), ("01", .trailingData),
            ("nullx", .trailingData),
            ("[1,]", .unexpectedByte), (#"{"a":1,}"#, .unexpectedByte), ("[,1]", .unexpectedByte),
            ("[1 2]", .unexpectedByte),
            ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte), (#"{"a" 1}"#, .unexpectedByte),
            (#"{"a":}"#, .unexpectedByte), (#"{1:2}"#, .unexpectedByte), ("{,}", .unexpectedByte),
            ("[}", .unexpectedByte),
            ("+1", .unexpectedByte), (".5", .unexpectedByte), ("- 1", .unexpectedByte),
            ("1.e1", .unexpectedByte),
            ("0x10", .trailingData), ("1e", .unexpectedEnd), ("1.", .unexpectedEnd), ("-", .unexpectedEnd),
            ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte), ("-Infinity", .unexpectedByte),
            ("True", .unexpectedByte),
            ("nul", .unexpectedEnd), ("[", .unexpectedEnd), ("[1", .unexpectedEnd),
            (#"{"a""#, .unexpectedEnd),
            (#"{"a":1"#, .unexpectedEnd), (#"""#, .unexpectedEnd), (#""\"#, .unexpectedEnd),
            (#""\u12"#, .unexpectedEnd),
            ("// x\n1", .unexpectedByte), ("[1/**/]", .unexpectedByte), ("\u{a0}1", .unexpectedByte),
            ("\u{c}1", .unexpectedByte),
            ("1e999", .numberOutOfRange), ("-1e999", .numberOutOfRange), (#""\x41""#, .invalidEscape),
            (#""\'""#, .invalidEscape),
            (#""\U0041""#, .invalidEscape), (#""\u00g0""#, .invalidEscape), (#""\u+123""#, .invalidEscape),
            (#""\ud800""#, .loneSurrogate), (#""\udc00""#, .loneSurrogate), (#""\ud800x""#, .loneSurrogate),
            (#""\ud800\n""#, .loneSurrogate), (#""\ud800\ud800""#, .loneSurrogate),
            (#""\ude00\ud83d""#, .loneSurrogate),
            ("\"a\nb\"", .controlCharacter), ("\"a\u{0}\"", .controlCharacter),
            ("\"\u{1f}\"", .controlCharacter),
            ("{\"a\":\"\t\"}", .controlCharacter),
            (#"{"role":1,"role":2}"#, .duplicateKey), (#"{"role":1,"rol\u0065":2}"#, .duplicateKey),
            (#"{"a":{"x":1,"y":2,"x":3}}"#, .duplicateKey), (#"{"":1,"":1}"#, .duplicateKey),
            (#"{"\ud83d\ude00":1,"😀":2}"#, .duplicateKey), (#"{"\/":1,"/":2}"#, .duplicateKey),
        ] as [(String, MalformedJSON.Reason)])
    func `A19 A20 what other readers may take differently is refused`(
        text: String, reason: MalformedJSON.Reason
    ) {
        #expect(reasonOfRefusal(Array(text.utf8)) == reason)
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0x80], [0xc3],
            [0xf8, 0x88, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x98],
        ] as [[UInt8]])
    func `A19 invalid UTF-8 is refused in values, in keys and beside escapes`(bytes: [UInt8]) {
        #expect(reasonOfRefusal([0x22] + bytes + [0x22]) == .invalidUTF8)
        #expect(reasonOfRefusal([0x22, 0x5c, 0x6e] + bytes + [0x22]) == .invalidUTF8)
        #expect(reasonOfRefusal(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .invalidUTF8)
        #expect(reasonOfRefusal(bytes) == .unexpectedByte)
    }

    @Test func `A19 sixteen levels are read and the seventeenth is refused`() throws {
        func nested(_ depth: Int, _ opening: String, _ inner: String, _ closing: String) -> [UInt8] {
            Array(
                (String(repeating: opening, count: depth) + inner + String(repeating: closing, count: depth))
                    .utf8)
        }
        for (opening, closing) in [("[", "]"), (#"{"a":"#, "}")] {
            _ = try JSON.parse(nested(16, opening, "1", closing))
            #expect(reasonOfRefusal(nested(17, opening, "1", closing)) == .tooDeep)
            #expect(reasonOfRefusal(nested(10_000, opening, "1", closing)) == .tooDeep)
        }
        #expect(reasonOfRefusal(nested(30_000, "[", "", "")) == .tooDeep)
    }

    @Test func `A19 a duplicate is found among thousands of keys, wherever it stands`() throws {
        let keys = (0..<4000).map { #""k\#($0)":0"# }
        let unique = "{" + keys.joined(separator: ",") + "}"
        #expect(try JSON.parse(unique.utf8).objectValue?.members.count == 4000)
        for index in [0, 15, 16, 17, 3999] {
            let repeated = "{" + keys.joined(separator: ",") + #","\u006b\#(index)":1}"#
            #expect(reasonOfRefusal(Array(repeated.utf8)) == .duplicateKey)
        }
    }

    @Test func `A19 the time for a body of many keys grows with its size, not with its square`()
        throws
    {
        func fastest(_ count: Int) throws -> Duration {
            let body = Array(("{" + (0..<count).map { #""\#($0)":0"# }.joined(separator: ",") + "}").utf8)
            return try (0..<5).map { _ in try ContinuousClock().measure { _ = try JSON.parse(body) } }
                .min() ?? .zero
        }
        let small = try fastest(500)
        let large = try fastest(8000)
        #expect(large / small < 80, "16 times the keys took \(large / small) times as long")
    }

    @Test func `the offset names the byte at fault and the error does not repeat it`() throws {
        let text = #"{"key":"sk_secret", nope}"#
        let error = try #require(throws: MalformedJSON.self) { try JSON.parse(text.utf8) }
        #expect(error.offset == 20)
        #expect(!BodyError(error).detail.contains("secret"))
        #expect(!BodyError(error).detail.contains("nope"))
    }
}

func reasonOfRefusal(_ bytes: [UInt8]) -> MalformedJSON.Reason? {
    do throws(MalformedJSON) {
        _ = try JSON.parse(bytes)
        return nil
    } catch {
        return error.reason
    }
}
