import KeybearerVerification

/// The `Date` field's value (RFC 9110, section 5.6.7), formatted once a second.
struct DateField {
    private var second = Int64.min
    private(set) var value: [UInt8] = []

    mutating func update(to now: Timestamp) {
        guard now.seconds != second else { return }
        second = now.seconds
        value = Self.format(now)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func format(_ time: Timestamp) -> [UInt8] {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let dayNumber = Int(max(0, time.seconds) / 86_400)
        let rfc3339 = Array(time.description.utf8)
        guard let month = Int(String(decoding: rfc3339[5..<7], as: UTF8.self)), (1...12).contains(month) else {
            return Array("Thu, 01 Jan 1970 00:00:00 GMT".utf8)
        }
        var text = Array("\(days[dayNumber % 7]), ".utf8)
        text += rfc3339[8..<10]
        text += " \(months[month - 1]) ".utf8
        text += rfc3339[0..<4]
        text += " ".utf8
        text += rfc3339[11..<19]
        text += " GMT".utf8
        return text
    }
}
