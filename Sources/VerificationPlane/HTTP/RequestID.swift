/// What `X-Request-Id` and a problem's `request_id` name one exchange by: `req_` and 26 characters of lower-case
/// Crockford base 32. Always this plane's own: none is taken from a client.
struct RequestID: Sendable {
    static let textLength = 30
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    let high: UInt64
    let low: UInt64

    func append(to output: inout OutputBuffer) {
        output.append("req_")
        for position in 0..<26 { output.append(character(position)) }
    }

    func append(to output: inout [UInt8]) {
        output.append(contentsOf: "req_".utf8)
        for position in 0..<26 { output.append(character(position)) }
    }

    private func character(_ position: Int) -> UInt8 {
        let shift = UInt64(125 - 5 * position)
        let bits = shift >= 64 ? high >> (shift - 64) : shift == 0 ? low : low >> shift | high << (64 - shift)
        return Self.alphabet.utf8Start[Int(bits & 31)]
    }

    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.textLength)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One connection's identifiers. They have to differ, not to be unguessable, so the system's random source is asked
/// once a connection and SplitMix64 (Steele, Lea, Flood 2014) does the rest.
struct RequestIDs {
    private let high: UInt64
    private var state: UInt64

    init(using random: inout some RandomNumberGenerator) {
        high = random.next()
        state = random.next()
    }

    mutating func next() -> RequestID {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return RequestID(high: high, low: mixed ^ (mixed >> 31))
    }
}
