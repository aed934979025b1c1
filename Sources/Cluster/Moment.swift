/// A reading of one machine's boot-time clock, which goes on while the machine sleeps; microseconds.
///
/// Readings of two machines cannot be compared, and no rule of the protocol compares them: each machine only
/// measures how long something took.
public struct Moment: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Before every reading: a lease until then has never been held.
    public static let never = Moment(microseconds: .min)

    public static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    public func advanced(by span: Span) -> Moment { Moment(microseconds: microseconds + span.microseconds) }
}

/// A length of time on such a clock, in microseconds.
public struct Span: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func milliseconds(_ count: Int64) -> Span { Span(microseconds: count * 1000) }
    public static func seconds(_ count: Int64) -> Span { Span(microseconds: count * 1_000_000) }

    public static func < (left: Span, right: Span) -> Bool { left.microseconds < right.microseconds }
}
