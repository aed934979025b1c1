import Foundation
import KeybearerVerification

/// Finds keys in bytes: a prefix, 64 hex digits, and the checksum that tells a key from noise. No file, no network.
///
/// Every format has an underscore before its digits. `memchr` looks for those many bytes at a time; everything else is
/// asked of the few places that it stops at.
struct KeyMatcher: Sendable {
    struct Match: Sendable, Hashable {
        /// Of the key's first byte.
        let offset: Int
        let length: Int
        let prefix: String
    }

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
        guard let base = bytes.baseAddress else { return }
        mayPrecede.withUnsafeBufferPointer { mayPrecede in
            // The digits of the shortest key have to fit behind the underscore.
            let end = bytes.count - 64
            var position = 1
            while position < end {
                guard let hit = memchr(base + position, Int32(UInt8(ascii: "_")), end - position) else { return }
                position = base.distance(to: UnsafeRawPointer(hit)) + 1
                guard mayPrecede[Int(bytes[position - 2])], Self.isDigit(bytes[position]) else { continue }
                if let match = match(bytes, digits: position) { found(match) }
            }
        }
    }

    private func match(_ bytes: UnsafeRawBufferPointer, digits: Int) -> Match? {
        for (format, lead) in formats {
            let start = digits - lead.count
            guard start >= 0, digits + 64 <= bytes.count else { continue }
            let text = UnsafeRawBufferPointer(rebasing: bytes[start..<(digits + 64)])
            guard text.starts(with: lead), format.parse(text) != nil else { continue }
            return Match(offset: start, length: text.count, prefix: format.prefix)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
