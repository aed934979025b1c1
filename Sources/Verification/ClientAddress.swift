/// An `X-Forwarded-For` from a trusted peer that cannot be read; no address can be told from it.
public enum ForwardedForError: Error, Hashable, Sendable {
    /// - Parameter index: of the entry that is no address, counted from the left over all values; it is not named
    ///   by its text, which may be anything.
    case unparsableEntry(index: Int)
}

/// The proxies whose word on the client's address is taken.
public struct TrustedProxies: Sendable {
    public let blocks: [CIDRBlock]

    public init(_ blocks: [CIDRBlock]) { self.blocks = blocks }

    public func contains(_ address: IPAddress) -> Bool { blocks.contains { $0.contains(address) } }

    /// The client's address: the peer's unless that is trusted; else the first, from the right, of the addresses
    /// that the trusted hops appended which is not itself trusted; the leftmost where all are.
    ///
    /// - Parameters:
    ///   - peer: from the socket; nil for a Unix socket, whose other end counts as trusted.
    ///   - forwardedFor: the values of `X-Forwarded-For`, in the order of their lines.
    /// - Throws: where any entry from a trusted peer is not a literal address, even one that the walk would not
    ///   reach: a list that somebody has meddled with decides nothing.
    public func clientAddress(peer: IPAddress?, forwardedFor: [[UInt8]]) throws(ForwardedForError) -> IPAddress? {
        if let peer, !contains(peer) { return peer }
        let hops = try Self.hops(forwardedFor)
        return hops.last { !contains($0) } ?? hops.first ?? peer
    }

    private static func hops(_ values: [[UInt8]]) throws(ForwardedForError) -> [IPAddress] {
        var hops: [IPAddress] = []
        for value in values {
            for entry in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                guard let address = IPAddress(bytes: trimmed(entry)) else {
                    throw .unparsableEntry(index: hops.count)
                }
                hops.append(address)
            }
        }
        return hops
    }

    /// Without the optional white space of RFC 9110 section 5.6.3: spaces and tabs.
    private static func trimmed(_ entry: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let start = entry.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...last]
    }
}
