import KeybearerParserDifferential
import Testing

@testable import KeybearerVerificationPlane

@Suite struct EightBytesTests {
    /// Every byte at every place among harmless ones, and random bytes: as if each were looked at alone.
    @Test func `A17 eight bytes at once say what one after the other would`() {
        var random = SplitMix64(state: 8)
        var texts: [[UInt8]] = (0...255).flatMap { byte in
            (0..<19).map { place in (0..<19).map { $0 == place ? UInt8(byte) : UInt8(ascii: "a") } }
        }
        texts += (0..<4_000).map { number in (0..<number % 40).map { _ in UInt8.random(in: 0...255, using: &random) } }
        for text in texts {
            text.withUnsafeBufferPointer { bytes in
                #expect(HTTPSyntax.areGraphic(bytes) == text.allSatisfy(HTTPSyntax.isGraphic))
                let end = bytes.firstIndex(
                    from: 0, to: text.count, { $0.isBelow(0x20) | $0.isEqual(0x7f) },
                    { !HTTPSyntax.isFieldValue($0) })
                #expect(end == text.firstIndex { !HTTPSyntax.isFieldValue($0) } ?? text.count)
            }
        }
    }

    @Test func `A17 the bytes of a token are those of RFC 9110`() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789".utf8).union(0x41...0x5a).union(0x61...0x7a)
        for byte in UInt8.min ... .max { #expect(HTTPSyntax.isToken(byte) == tokens.contains(byte)) }
    }

    @Test(arguments: [0, 9, 10, 99, 100, 1_000_000_000, Int64.max - 1, Int64.max, -1, -10, Int64.min])
    func `a number is written as its description`(number: Int64) {
        var output = OutputBuffer()
        output.append(decimal: number)
        #expect(String(decoding: output.bytes, as: UTF8.self) == number.description)
    }
}
