import NIOHTTP1

/// When the server wants to be asked again.
enum RetryAdvice {
    /// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), else the reset of a used-up `RateLimit`
    /// (draft-ietf-httpapi-ratelimit-headers): `"default";r=0;t=42`.
    static func seconds(_ fields: HTTPHeaders) -> Int? {
        if let text = fields.first(name: "Retry-After") {
            if let seconds = Int(text), seconds >= 0 { return seconds }
            // Without the server's own time there is nothing to measure its date by.
            if let date = HTTPDate(text), let now = fields.first(name: "Date").flatMap({ HTTPDate($0) }) {
                return Int(max(0, date.seconds - now.seconds))
            }
        }
        let resets = fields["RateLimit"].flatMap { $0.split(separator: ",") }.compactMap { reset(of: $0) }
        return resets.max()
    }

    private static func reset(of item: Substring) -> Int? {
        var remaining: Int?
        var reset: Int?
        for parameter in item.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Int(parts[1].filter { $0 != " " }) else { continue }
            switch parts[0].filter({ $0 != " " }) {
            case "r": remaining = value
            case "t": reset = value
            default: continue
            }
        }
        return remaining == 0 ? reset : nil
    }
}
