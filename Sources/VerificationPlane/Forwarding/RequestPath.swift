/// A path as segments, each decoded once, from bytes that leave no room for two opinions on what the path is (A16).
struct RequestPath: Sendable, Equatable {
    let segments: [[UInt8]]

    /// nil for anything that some server would read as another path: empty and dot segments, a semicolon, a backslash,
    /// bytes outside visible ASCII, a percent sign without two hexadecimal digits, and encoded slashes, backslashes,
    /// semicolons and control characters. A single slash at the end is an empty last segment.
    init?(_ raw: some Collection<UInt8>) {
        guard raw.first == UInt8(ascii: "/") else { return nil }
        let parts = Array(raw.dropFirst()).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var segments: [[UInt8]] = []
        segments.reserveCapacity(parts.count)
        for (index, part) in parts.enumerated() {
            guard !part.isEmpty || index == parts.count - 1, let segment = Self.decode(part) else { return nil }
            segments.append(segment)
        }
        self.segments = segments
    }

    private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(part.count)
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard HTTPSyntax.isGraphic(byte), !isForbidden(byte), byte != UInt8(ascii: "?"),
                    byte != UInt8(ascii: "#")
                else { return nil }
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(HTTPSyntax.hexValue),
                let low = rest.popFirst().flatMap(HTTPSyntax.hexValue)
            else { return nil }
            let value = high << 4 | low
            guard value >= 0x20, value != 0x7f, !isForbidden(value) else { return nil }
            decoded.append(value)
        }
        return HTTPSyntax.isEqual(decoded, ".") || HTTPSyntax.isEqual(decoded, "..") ? nil : decoded
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ";")
    }
}
