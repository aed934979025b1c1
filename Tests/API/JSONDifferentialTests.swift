import Foundation
import Testing

@testable import KeybearerAPI

/// The parser against what wrote the text, against Foundation and against Python.
@Suite struct JSONDifferentialTests {
    /// More with `KEYBEARER_TEST_SHARE`, a factor; every run prints its seed, `KEYBEARER_TEST_SEED` repeats one.
    private static let rounds =
        2000 * (Int(ProcessInfo.processInfo.environment["KEYBEARER_TEST_SHARE"] ?? "1") ?? 1)

    private static let seed =
        UInt64(ProcessInfo.processInfo.environment["KEYBEARER_TEST_SEED"] ?? "")
        ?? UInt64.random(in: 1...UInt64.max)

    @Test func `A20 any value survives being written with any spacing and escapes`() throws {
        print("seed \(Self.seed)")
        var random = SeededGenerator(seed: Self.seed)
        for _ in 0..<Self.rounds {
            let value = RandomJSON.value(depth: 5, using: &random)
            if try JSON.parse(value.serialized()) != value { Issue.record("\(value.serializedText)") }
            let spelled = RandomJSON.spelling(of: value, using: &random)
            if try JSON.parse(spelled) != value { Issue.record("\(String(decoding: spelled, as: UTF8.self))") }
        }
    }

    @Test func `A20 one wrong fragment anywhere between two tokens makes any body malformed`() {
        print("seed \(Self.seed)")
        var random = SeededGenerator(seed: Self.seed)
        let bad = [
            ",,", "]", "}", "[", "\0", "\u{feff}", "'", "+1", " 01", "//", "/**/", "NaN", "\u{b}",
            "undefined", "\"",
        ]
        for _ in 0..<Self.rounds {
            let text = JSON.array([RandomJSON.value(depth: 4, using: &random), 1]).serialized()
            let places = RandomJSON.tokenBoundaries(of: text)
            guard let place = places.randomElement(using: &random),
                let fragment = bad.randomElement(using: &random)
            else { continue }
            let broken = text[..<place] + Array(fragment.utf8) + text[place...]
            if reasonOfRefusal(Array(broken)) == nil { Issue.record("\(String(decoding: broken, as: UTF8.self))") }
        }
    }

    @Test func `A20 what Foundation refuses is refused here, after any change of a few bytes`() {
        print("seed \(Self.seed)")
        var random = SeededGenerator(seed: Self.seed)
        let alphabet =
            Array("{}[]:,\"\\/u0123456789abcdefDE+-. \ntrulsn".utf8) + [0x00, 0x1f, 0x80, 0xc3, 0xff]
        var accepted = 0
        for _ in 0..<Self.rounds {
            var text = RandomJSON.spelling(of: RandomJSON.value(depth: 3, using: &random), using: &random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                guard let byte = alphabet.randomElement(using: &random) else { continue }
                if place < text.count, Bool.random(using: &random) { text.remove(at: place) }
                if Bool.random(using: &random) { text.insert(byte, at: min(place, text.count)) }
            }
            guard reasonOfRefusal(text) == nil else { continue }
            accepted += 1
            let value = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
            if value == nil { Issue.record("\(String(decoding: text, as: UTF8.self))") }
        }
        #expect(accepted > Self.rounds / 100, "the changes must leave some texts valid")
    }

    /// `Tests/Differential/json_differential.py` writes the file: one text in hexadecimal a line, then what Python's
    /// strictest reading makes of it, in hexadecimal too, or `refused`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KEYBEARER_JSON_CORPUS"] != nil))
    func `A20 Python and this parser agree on every text of the corpus`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["KEYBEARER_JSON_CORPUS"])
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            try #require(parts.count == 2)
            let text = try #require(bytes(hex: parts[0]))
            if parts[1] == "refused" {
                #expect(reasonOfRefusal(text) != nil, "\(parts[0])")
            } else {
                let expected = try JSON.parse(#require(bytes(hex: parts[1])))
                #expect((try? JSON.parse(text)) == expected, "\(parts[0])")
            }
        }
    }

    private func bytes(hex: Substring) -> [UInt8]? {
        let digits = Array(hex.utf8).map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8((digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0))
        }
    }
}
