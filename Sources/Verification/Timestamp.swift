/// A moment, in whole microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init(seconds: Int64) { self.init(microseconds: seconds * 1_000_000) }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    }

    public func adding(seconds: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds + seconds * 1_000_000)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T02:10:30.000Z`.
    public var description: String {
        let (year, month, day) = CivilDate.date(ofDay: dayNumber)
        let milliseconds = (microseconds - dayNumber * Self.microsecondsPerDay) / 1000
        // A year has four digits, and outside of 0 to 9999, which RFC 3339 cannot write, at most seven characters.
        return String(unsafeUninitializedCapacity: 32) { text in
            var count = 0
            func append(_ number: Int64, _ width: Int, _ end: Unicode.Scalar) {
                var left = number
                for place in (count..<(count + width)).reversed() {
                    text[place] = UInt8(ascii: "0") + UInt8(left % 10)
                    left /= 10
                }
                text[count + width] = UInt8(ascii: end)
                count += width + 1
            }
            if (0...9999).contains(year) {
                append(year, 4, "-")
            } else {
                for byte in "\(year)-".utf8 {
                    text[count] = byte
                    count += 1
                }
            }
            append(month, 2, "-")
            append(day, 2, "T")
            append(milliseconds / 3_600_000, 2, ":")
            append(milliseconds / 60_000 % 60, 2, ":")
            append(milliseconds / 1000 % 60, 2, ".")
            append(milliseconds % 1000, 3, "Z")
            return count
        }
    }

    /// Parses an RFC 3339 date-time (`Z` or a numeric offset, up to nine digits of a second); years 1970…9999.
    public init?(rfc3339 text: String) {
        var scanner = DigitScanner(bytes: Array(text.utf8))
        guard let year = scanner.number(4), scanner.accept("-"),
            let month = scanner.number(2), scanner.accept("-"),
            let day = scanner.number(2), scanner.accept("T") || scanner.accept("t"),
            let hour = scanner.number(2), scanner.accept(":"),
            let minute = scanner.number(2), scanner.accept(":"),
            let second = scanner.number(2),
            year >= 1970, CivilDate.isValid(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        guard let fraction = scanner.fractionInMicroseconds(), let offset = scanner.offsetInMinutes(),
            scanner.isAtEnd
        else { return nil }
        let days = CivilDate.day(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + (minute - offset) * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static let microsecondsPerDay: Int64 = 86_400_000_000

    private var dayNumber: Int64 {
        (microseconds >= 0 ? microseconds : microseconds - Self.microsecondsPerDay + 1) / Self.microsecondsPerDay
    }
}

/// The proleptic Gregorian calendar, by Howard Hinnant's days-from-civil algorithm
/// (https://howardhinnant.github.io/date_algorithms.html).
enum CivilDate {
    static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(ofDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    static func isValid(year: Int64, month: Int64, day: Int64) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let (backYear, backMonth, backDay) = date(ofDay: self.day(year: year, month: month, day: day))
        return backYear == year && backMonth == month && backDay == day
    }
}

/// Reads fixed-width decimal fields from ASCII, with no sign, no space and no other digit than 0…9.
private struct DigitScanner {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        position += 1
        return Int64(bytes[position - 1] - 0x30)
    }

    mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// 0 where there is no fraction; nil for an empty one or one of more than nine digits.
    mutating func fractionInMicroseconds() -> Int64? {
        guard accept(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 6 { value = value * 10 + digit }
        }
        guard (1...9).contains(count) else { return nil }
        for _ in 0..<max(0, 6 - count) { value *= 10 }
        return value
    }

    mutating func offsetInMinutes() -> Int64? {
        if accept("Z") || accept("z") { return 0 }
        let sign: Int64 = accept("+") ? 1 : accept("-") ? -1 : 0
        guard sign != 0, let hours = number(2), accept(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
