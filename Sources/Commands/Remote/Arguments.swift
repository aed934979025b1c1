import ArgumentParser
import KeybearerAPI
import KeybearerVerification

/// A span of time with its unit: `90d`, `12h`, `30m`, `45s`.
struct Span: ExpressibleByArgument, Equatable {
    let seconds: Int64

    init?(argument: String) {
        guard let unit = argument.last, let factor = ["s": 1, "m": 60, "h": 3600, "d": 86_400][unit],
            let number = Int64(argument.dropLast()), number >= 0, number <= 1_000_000
        else { return nil }
        seconds = number * Int64(factor)
    }
}

/// When something ends: after a span, at the start of a day in UTC, or at a time.
struct Expiry: ExpressibleByArgument, Equatable {
    /// RFC 3339.
    let time: String

    init?(argument: String) { self.init(argument, now: WallClock.system().now()) }

    init?(_ text: String, now: Timestamp) {
        if let span = Span(argument: text) {
            time = now.adding(seconds: span.seconds).description
        } else if let moment = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") {
            time = moment.description
        } else {
            return nil
        }
    }
}

struct ExpiryOrNever: ExpressibleByArgument {
    let field: Field<String>

    init?(argument: String) {
        if argument == "never" {
            field = .null
        } else {
            guard let expiry = Expiry(argument: argument) else { return nil }
            field = .value(expiry.time)
        }
    }
}

extension LabelField: ExpressibleByArgument {
    /// `KEY=VALUE`.
    public init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        self.init(key: String(parts[0]), value: String(parts[1]))
    }
}
