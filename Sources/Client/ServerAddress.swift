/// Where a server is: `https://keys.example.com`, `http://127.0.0.1:8080`, `unix:/run/keybearer.sock`.
public struct ServerAddress: Sendable, Hashable {
    /// What goes before a request's path.
    let prefix: String
    /// What people know the place by.
    public let host: String
    /// Whether what is sent can be read on the way.
    public let isCleartext: Bool

    public init?(_ text: String) {
        if text.hasPrefix("unix:/") {
            let path = String(text.dropFirst("unix:".count))
            prefix = "http+unix://\(PercentEncoding.segment(path))"
            host = path
            isCleartext = false
            return
        }
        let isHTTPS = text.lowercased().hasPrefix("https://")
        guard isHTTPS || text.lowercased().hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isHTTPS ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        let isPlain = rest.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !rest.contains { "?#@\\".contains($0) }
        guard !authority.isEmpty, isPlain, authority.first != ":" else { return nil }
        var prefix = (isHTTPS ? "https://" : "http://") + rest
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.prefix = prefix
        host = String(authority)
        isCleartext = !isHTTPS && !Self.isLoopback(authority)
    }

    private static func isLoopback(_ authority: Substring) -> Bool {
        let name =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return name == "localhost" || name == "::1" || name.hasPrefix("127.")
    }
}

extension ServerAddress: CustomStringConvertible {
    public var description: String { prefix.hasPrefix("http+unix:") ? "unix:\(host)" : prefix }
}

/// RFC 3986's unreserved characters stay; every other byte is escaped.
enum PercentEncoding {
    static func segment(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What was percent-encoded; anything else stays as it is.
    static func decoded(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            guard byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(segment($0.0))=\(segment($0.1))" }.joined(separator: "&")
    }
}
