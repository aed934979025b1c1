import Foundation
import KeybearerVerification

/// Finds keys in bytes: a prefix, 64 hex digits, and the checksum that tells a key from noise. No file, no network.
///
/// Sixty-four digits in a row cannot pass between two bytes that are sixty-four apart, so only every sixty-fourth byte is
/// looked at. Where it is a digit, its run is followed back to the underscore that every format has before it.
struct KeyMatcher: Sendable {
    struct Match: Sendable, Hashable {
        /// Of the key's first byte.
        let offset: Int
        let length: Int
        let prefix: String
    }

    private static let digitCount = 64

    private let formats: [(format: KeyFormat, lead: [UInt8])]
    /// Whether a byte stands before the underscore of some format.
    private let mayPrecede: [Bool]
    /// The length of the longest key; two pieces of a text that overlap by one less hide none between them.
    let longest: Int

    /// - Returns: nil where a prefix is not one that keys can have.
    init?(prefixes: [String]) {
        var formats: [(KeyFormat, [UInt8])] = []
        for prefix in prefixes {
            guard let format = Self.format(prefix) else { return nil }
            formats.append((format, Array(prefix.utf8) + [UInt8(ascii: "_")]))
        }
        guard let longest = formats.map(\.0.textLength).max() else { return nil }
        // The longest prefix first: where `my_sk` and `sk` both fit, the longer one is meant.
        self.formats = formats.sorted { $0.1.count > $1.1.count }.map { (format: $0.0, lead: $0.1) }
        self.longest = longest
        var mayPrecede = [Bool](repeating: false, count: 256)
        for (_, lead) in formats { mayPrecede[Int(lead[lead.count - 2])] = true }
        self.mayPrecede = mayPrecede
    }

    private static func format(_ prefix: String) -> KeyFormat? {
        switch prefix {
        case KeyFormat.session.prefix: .session
        case KeyFormat.operatorToken.prefix: .operatorToken
        default: KeyFormat(prefix: prefix)
        }
    }

    /// Calls `found` for every key, in order.
    func search(_ bytes: UnsafeRawBufferPointer, _ found: (Match) -> Void) {
        mayPrecede.withUnsafeBufferPointer { mayPrecede in
            var probe = Self.digitCount
            while probe < bytes.count {
                if Self.isDigit(bytes[probe]), let start = Self.runStart(bytes, probe),
                    mayPrecede[Int(bytes[start - 2])], let match = match(bytes, digits: start)
                {
                    found(match)
                }
                probe += Self.digitCount
            }
        }
    }

    /// Where the digits around a place begin, if that is behind an underscore and fewer than 64 before the place.
    private static func runStart(_ bytes: UnsafeRawBufferPointer, _ probe: Int) -> Int? {
        var start = probe
        while start > probe - digitCount + 1, isDigit(bytes[start - 1]) { start -= 1 }
        guard start >= 2, bytes[start - 1] == UInt8(ascii: "_") else { return nil }
        return start
    }

    private func match(_ bytes: UnsafeRawBufferPointer, digits: Int) -> Match? {
        for (format, lead) in formats {
            let start = digits - lead.count
            guard start >= 0, digits + Self.digitCount <= bytes.count else { continue }
            let text = UnsafeRawBufferPointer(rebasing: bytes[start..<(digits + Self.digitCount)])
            guard text.starts(with: lead), format.parse(text) != nil else { continue }
            return Match(offset: start, length: text.count, prefix: format.prefix)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
