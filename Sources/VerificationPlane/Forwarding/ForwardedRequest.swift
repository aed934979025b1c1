import KeybearerVerification

/// The request that a gateway asks about, as the gateway's headers describe it.
struct ForwardedRequest {
    let method: ByteView
    let path: RequestPath

    enum Refusal: Error {
        /// The headers are believed from trusted proxies only (A12).
        case untrustedPeer
        /// Not exactly one method and one target, both of one pair of headers.
        case notExactlyOnce
        case malformed
    }

    /// Reads `X-Forwarded-Method` and `X-Forwarded-Uri`, or `X-Original-Method` and `X-Original-URI`. Where a client
    /// slipped in a header of the other pair, nobody can tell which the gateway meant, so nothing is read.
    init(_ head: borrowing RequestHead, from peer: Peer, trusting proxies: TrustedProxies) throws(Refusal) {
        if let address = peer.address, !proxies.contains(address) { throw .untrustedPeer }
        let forwarded = try Self.pair(head.value("x-forwarded-method"), head.value("x-forwarded-uri"))
        let original = try Self.pair(head.value("x-original-method"), head.value("x-original-uri"))
        guard let pair = forwarded ?? original, forwarded == nil || original == nil else { throw .notExactlyOnce }
        let target = pair.target
        let query = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        guard !pair.method.isEmpty, pair.method.allSatisfy(HTTPSyntax.isToken),
            target.allSatisfy({ HTTPSyntax.isGraphic($0) && $0 != UInt8(ascii: "#") }),
            let path = RequestPath(target.view(0..<query))
        else { throw .malformed }
        self.method = pair.method
        self.path = path
    }

    private static func pair(
        _ method: FieldPresence, _ target: FieldPresence
    ) throws(Refusal) -> (method: ByteView, target: ByteView)? {
        switch (method, target) {
        case (.absent, .absent): nil
        case (.once(let method), .once(let target)): (method, target)
        default: throw .notExactlyOnce
        }
    }
}
