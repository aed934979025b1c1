import KeybearerVerification

/// Fields that answers carry whatever they say.
struct StandardFields: Sendable {
    /// What an answer is allowed to do in a browser.
    enum Surface: Sendable {
        /// JSON for programs: nothing at all.
        case api
        /// A page with scripts, styles and pictures of this site alone, whose forms go back to where they came from.
        case page
        /// A file of the pages; its name changes with its contents.
        case asset
    }

    let isHTTPS: Bool

    func fields(_ surface: Surface, requestID: String, now: Timestamp) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = [
            ("Date", HTTPDate.text(now)),
            ("X-Request-Id", requestID),
            ("Cache-Control", surface == .asset ? "public, max-age=31536000, immutable" : "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        switch surface {
        case .api, .asset:
            fields.append(("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
            fields.append(("Referrer-Policy", "no-referrer"))
        case .page:
            // With no-referrer browsers would hide the origin of a form from its own site too.
            fields.append(("Referrer-Policy", "same-origin"))
            fields.append(
                (
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
                        + "form-action 'self'; frame-ancestors 'none'"
                ))
        }
        if isHTTPS { fields.append(("Strict-Transport-Security", "max-age=31536000")) }
        return fields
    }
}

/// IMF-fixdate of RFC 9110, section 5.6.7.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ time: Timestamp) -> String {
        // `2026-11-21T02:10:30.000Z`, by its bytes: cutting texts by characters took a fiftieth of a change of a key.
        let bytes = Array(time.description.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        guard bytes.count == 24, let month = Int(part(5..<7)), (1...12).contains(month) else { return time.description }
        // 1 January 1970 was a Thursday.
        let day = Int((time.seconds / 86_400) % 7)
        return "\(weekdays[max(0, day)]), \(part(8..<10)) \(months[month - 1]) \(part(0..<4)) \(part(11..<19)) GMT"
    }
}
