/// Where a listener accepts connections.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// Port 0 lets the system choose one.
    case tcp(host: String, port: Int)
    case unix(path: String)

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
