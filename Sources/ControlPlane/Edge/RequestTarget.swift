/// The target of a request as bytes: an absolute path and what follows a question mark.
///
/// A path that another program on the way could read as another path is refused (row A16): encoded slashes,
/// backslashes and NUL, `//`, dot segments, `;`, `#` and everything that is not visible ASCII.
struct RequestTarget: Sendable, Hashable, CustomStringConvertible {
    struct Segment: Sendable, Hashable {
        /// As it was sent: what names of the API are compared with, so that each has one spelling.
        let raw: String
        /// What a varying part stands for.
        let decoded: String
    }

    /// The path as it was sent.
    let path: String
    /// The path's parts. A trailing slash leaves an empty last part.
    let segments: [Segment]
    /// What stands behind the first question mark, not decoded; nil without one.
    let query: String?

    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.first == UInt8(ascii: "/"),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = String(decoding: parts[0], as: UTF8.self)
        query = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : nil
        guard parts[0].count > 1 else {
            segments = []
            return
        }
        let raw = parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var segments: [Segment] = []
        for (index, part) in raw.enumerated() {
            guard let segment = Self.decoded(part), !segment.isEmpty || index == raw.count - 1 else { return nil }
            segments.append(Segment(raw: String(decoding: part, as: UTF8.self), decoded: segment))
        }
        self.segments = segments
    }

    /// As it was sent.
    var description: String { query.map { "\(path)?\($0)" } ?? path }

    private static func decoded(_ part: some Collection<UInt8>) -> String? {
        guard let bytes = PercentEncoding.decoded(part) else { return nil }
        let refused = (UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: ";"))
        guard
            bytes.allSatisfy({
                (0x21...0x7e).contains($0) && $0 != refused.0 && $0 != refused.1 && $0 != refused.2
            }),
            bytes != [0x2e], bytes != [0x2e, 0x2e]
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// RFC 3986, section 2.1.
enum PercentEncoding {
    /// nil where a percent sign is not followed by two hexadecimal digits.
    static func decoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else { return nil }
            output.append(high << 4 | low)
        }
        return output
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
