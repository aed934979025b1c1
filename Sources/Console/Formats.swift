import KeybearerVerification

/// Dates, numbers and spans of time as the readers of a language write them. Times are UTC, and say so.
public struct Formats: Sendable {
    private let language: Language

    public init(_ language: Language) { self.language = language }

    /// 12,345 in English; 12.345 in Spanish and Portuguese.
    public func number(_ value: Int) -> String {
        let digits = Array(String(value.magnitude).utf8)
        let separator = language == .english ? "," : "."
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { result += separator }
            result.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return (value < 0 ? "−" : "") + result
    }

    public func number(_ value: Int64) -> String { number(Int(value)) }

    /// 21 Nov 2026; 21 nov 2026; 21 de nov. de 2026.
    public func date(_ time: Timestamp) -> String {
        let parts = Parts(time)
        let month = months[parts.month - 1]
        return switch language {
        case .english, .spanish: "\(parts.day) \(month) \(parts.year)"
        case .portuguese: "\(parts.day) de \(month) de \(parts.year)"
        }
    }

    /// The date with the minute: 21 Nov 2026, 02:10 UTC.
    public func moment(_ time: Timestamp) -> String { "\(date(time)), \(Parts(time).clock) UTC" }

    /// A day without its year, for a chart's axis.
    public func day(_ time: Timestamp) -> String {
        let parts = Parts(time)
        return "\(parts.day) \(months[parts.month - 1])"
    }

    /// 02:00.
    public func hour(_ time: Timestamp) -> String { Parts(time).clock }

    /// “3 hours ago”, “in 5 days”, “just now”.
    public func relative(_ time: Timestamp, to now: Timestamp) -> String {
        let seconds = time.seconds - now.seconds
        let words = Catalogue.all.time
        guard abs(seconds) >= 45 else { return words.now[language] }
        let span = span(seconds: abs(seconds))
        return (seconds < 0 ? words.ago : words.ahead)(language, ["span": span])
    }

    /// The largest unit of which there is at least one: “3 hours”, “5 days”.
    public func span(seconds: Int64) -> String {
        let words = Catalogue.all.time
        let units: [(Int64, Counted)] = [
            (31_536_000, words.years), (2_592_000, words.months), (86_400, words.days), (3600, words.hours),
            (60, words.minutes),
        ]
        for (length, unit) in units where seconds >= length { return unit(language, Int(seconds / length)) }
        return words.seconds(language, Int(seconds))
    }

    private var months: [String] {
        switch language {
        case .english: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        case .spanish: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"]
        case .portuguese:
            ["jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."]
        }
    }

    /// Taken from the RFC 3339 text, which is always `2026-11-21T02:10:30.000Z`.
    private struct Parts {
        let year: Int
        let month: Int
        let day: Int
        let clock: String

        init(_ time: Timestamp) {
            let text = time.description
            let date = text.prefix(10).split(separator: "-").map { Int($0) ?? 1 }
            (year, month, day) = date.count == 3 ? (date[0], min(max(date[1], 1), 12), date[2]) : (1970, 1, 1)
            clock = String(text.dropFirst(11).prefix(5))
        }
    }
}
