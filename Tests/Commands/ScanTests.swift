import Foundation
import KeybearerVerification
import Testing

@testable import KeybearerCommands

/// The scanner's parts, without files.
@Suite struct `Scanner` {
    private static let matcher = KeyMatcher(prefixes: ["sk", "my_sk", "kbs"])

    private static func key(_ prefix: String = "sk", _ random: inout some RandomNumberGenerator) throws -> [UInt8] {
        let format = prefix == "kbs" ? KeyFormat.session : try #require(KeyFormat(prefix: prefix))
        return format.text(secret: (0..<28).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    private static func matches(_ text: [UInt8]) throws -> [KeyMatcher.Match] {
        var found: [KeyMatcher.Match] = []
        let matcher = try #require(matcher)
        text.withUnsafeBytes { bytes in matcher.search(bytes) { found.append($0) } }
        return found
    }

    @Test func `a key is found wherever it stands, at the very start and end too`() throws {
        var random = SystemRandomNumberGenerator()
        for prefix in ["sk", "my_sk", "kbs"] {
            let key = try Self.key(prefix, &random)
            for before in ["", "x", "_", "task_", "sk_", String(repeating: "_", count: 100)] {
                for after in ["", "\n", "0", "_sk_"] {
                    let text = Array(before.utf8) + key + Array(after.utf8)
                    let match = KeyMatcher.Match(offset: before.utf8.count, length: key.count, prefix: prefix)
                    #expect(try Self.matches(text) == [match], "\(before) \(prefix) \(after)")
                }
            }
        }
    }

    @Test func `noise, truncations and changed digits are no keys`() throws {
        var random = SystemRandomNumberGenerator()
        let key = try Self.key("sk", &random)
        #expect(try Self.matches(Array(key.dropLast())).isEmpty)
        #expect(try Self.matches(Array(key.dropFirst())).isEmpty)
        for index in 3..<key.count {
            var changed = key
            changed[index] = changed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            #expect(try Self.matches(changed).isEmpty, "\(index)")
        }
        #expect(try Self.matches(Array(String(decoding: key, as: UTF8.self).uppercased().utf8)).isEmpty)
        let digits = Array("0123456789abcdef".utf8)
        for _ in 0..<20_000 {
            let noise = Array("sk_".utf8) + (0..<64).map { _ in digits.randomElement(using: &random) ?? 0 }
            #expect(try Self.matches(noise).isEmpty)
        }
    }

    @Test func `keys across the border of two pieces are found once`() throws {
        var random = SystemRandomNumberGenerator()
        let matcher = try #require(Self.matcher)
        for capacity in [200, 257, 512] {
            var text: [UInt8] = []
            var places: [Int] = []
            for _ in 0..<200 {
                text += [UInt8](repeating: UInt8(ascii: " "), count: Int.random(in: 0...90, using: &random))
                places.append(text.count)
                text += try Self.key("sk", &random)
            }
            var position = 0
            var found: [Int] = []
            let search = ChunkedSearch(matcher, capacity: capacity)
            let isRead = search.run { pointer, room in
                let count = min(room, Int.random(in: 1...90, using: &random), text.count - position)
                text[position..<(position + count)].withUnsafeBytes { bytes in
                    if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: count) }
                }
                position += count
                return count
            } found: { offset, _, _ in
                found.append(offset)
            }
            #expect(isRead)
            #expect(found == places, "\(capacity)")
        }
    }

    @Test(arguments: [
        ("*.snap", "a/b/c.snap", true), ("*.snap", "a/b.snaps", false), ("/build", "build/x", false),
        ("/build", "build", true), ("build", "a/build", true), ("a/*.txt", "a/b.txt", true),
        ("a/*.txt", "a/b/c.txt", false), ("a/**/c.txt", "a/b/b/c.txt", true), ("a/**/c.txt", "a/c.txt", true),
        ("a/**", "a/b/c", true), ("fo?", "foo", true), ("fo?", "fo/", false), ("# a", "# a", false), ("", "a", false),
    ])
    func `paths are left out as in gitignore`(pattern: String, path: String, isIgnored: Bool) {
        #expect(IgnoreRules(pattern).ignores(path, isFolder: false) == isIgnored)
    }

    @Test func `an exception takes back, a slash means folders, a digest is a key that may stay`() {
        let rules = IgnoreRules("fixtures/\n*.txt\n!keep.txt\nsha256:ABCDEF\n")
        #expect(rules.ignores("a/fixtures", isFolder: true))
        #expect(!rules.ignores("a/fixtures", isFolder: false))
        #expect(rules.ignores("b.txt", isFolder: false))
        #expect(!rules.ignores("keep.txt", isFolder: false))
        #expect(rules.knownKeys == ["abcdef"])
    }

    @Test func `lines and columns count from one`() {
        var counter = PlaceCounter()
        for (offset, line, column) in [(0, 1, 1), (2, 1, 3), (3, 2, 1), (3, 2, 1), (6, 3, 1), (8, 4, 2), (99, 4, 3)] {
            counter.advance(to: offset, in: Array("ab\ncd\n\nef".utf8))
            #expect(counter.line == line)
            #expect(counter.column == column)
        }
    }

    @Test func `ends of lines are counted one for one, however many there are and wherever a text begins`() {
        for length in [0, 1, 7, 8, 9, 2039, 2040, 2041, 5000] {
            for kind in [[UInt8(0x0a)], [0x0a, 0x0b], [0x8a, 0x0a, 0x00], [0x61]] {
                let text = (0..<length).map { kind[$0 % kind.count] }
                for start in [0, 3] where start <= length {
                    var counter = PlaceCounter()
                    counter.advance(to: start, in: text)
                    counter.advance(to: length, in: text)
                    #expect(counter.line == 1 + text.filter { $0 == 0x0a }.count, "\(length), \(kind), \(start)")
                }
            }
        }
    }

    @Test(arguments: ["", "a", "é", "€", "🔑", "ab\u{301}", "clé: 🔑🔑 = ", "\u{feff}x", "a\tb"])
    func `columns count UTF-16 code units, however the text is cut`(before: String) {
        let text = Array("x🔑\n\(before)".utf8)
        for cut in 0...text.count {
            var counter = PlaceCounter()
            counter.advance(to: cut, in: text)
            counter.advance(to: text.count, in: text)
            #expect(counter.line == 2)
            #expect(counter.column == before.utf16.count + 1)
        }
    }

    @Test func `a span, a day and a time are expiries`() throws {
        let now = try #require(Timestamp(rfc3339: "2026-11-21T12:00:00Z"))
        for (text, time) in [
            ("90d", "2027-02-19T12:00:00.000Z"), ("12h", "2026-11-22T00:00:00.000Z"),
            ("2030-01-01", "2030-01-01T00:00:00.000Z"), ("2030-01-01T10:00:00+02:00", "2030-01-01T08:00:00.000Z"),
        ] { #expect(Expiry(text, now: now)?.time == time, "\(text)") }
        for text in ["", "d", "-1d", "90", "soon", "2030-13-01"] { #expect(Expiry(text, now: now) == nil, "\(text)") }
    }
}
