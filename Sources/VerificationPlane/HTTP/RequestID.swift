import KeybearerVerification

/// What `X-Request-Id` and a problem's `request_id` name one exchange by: `req_` and 26 characters of lower-case
/// Crockford base 32. Always this plane's own: none is taken from a client.
struct RequestID: Sendable {
    static let textLength = 4 + CrockfordBase32.length

    let high: UInt64
    let low: UInt64

    func append(to output: inout OutputBuffer) {
        output.append("req_")
        output.append(atMost: CrockfordBase32.length) { text in
            CrockfordBase32.write(high, low, to: text)
            return CrockfordBase32.length
        }
    }

    var text: String {
        "req_"
            + String(unsafeUninitializedCapacity: CrockfordBase32.length) { bytes in
                guard let start = bytes.baseAddress else { return 0 }
                CrockfordBase32.write(high, low, to: start)
                return CrockfordBase32.length
            }
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
