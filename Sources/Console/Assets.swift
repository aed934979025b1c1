import Crypto

/// A file that pages load, under a name that changes with its contents, so that browsers may keep it for ever.
public struct Asset: Sendable {
    /// Such as `console.1f2e3d4c5b6a.css`.
    public let name: String
    public let contentType: String
    public let bytes: [UInt8]

    public init(_ stem: String, _ ending: String, contentType: String, bytes: [UInt8]) {
        let digest = SHA256.hash(data: bytes).prefix(6)
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        name = "\(stem).\(digest).\(ending)"
        self.contentType = contentType
        self.bytes = bytes
    }

    public static let style = Asset(
        "console", "css", contentType: "text/css; charset=utf-8", bytes: PackageResources.console_css)
    public static let script = Asset(
        "console", "js", contentType: "text/javascript; charset=utf-8", bytes: PackageResources.console_js)
}

extension Asset {
    /// Keybearer's own sign, where the operator has set no logo.
    public static let icon = Asset("icon", "svg", contentType: "image/svg+xml", bytes: PackageResources.icon_svg)
}
