/// How long whoever waits for acknowledgements pauses between two questions to the database.
///
/// An answer has a row for each node, so the pause grows with their number, and with the time that was waited: what is
/// not acknowledged by then waits for a node that is slow or gone.
public struct BarrierPacing: Sendable {
    /// No node has acknowledged sooner: it is notified, reads the log and writes one row.
    private static let atFirst: Int64 = 400
    private static let shortest: Int64 = 250
    private static let shortestOfMany: Int64 = 1_000
    private static let longest: Int64 = 4_000
    private static let longestAfterAWhile: Int64 = 25_000
    private static let aWhile: Int64 = 200_000
    /// Of so many nodes nobody notices the rows.
    private static let few = 128

    private var pause = Self.shortest
    private var first: Int64?

    /// - Parameter isFollowed: whether some node has applied the change already; then the others may have as well.
    public init(isFollowed: Bool) { first = isFollowed ? 0 : Self.atFirst }

    /// - Parameters:
    ///   - waited: since the commit.
    ///   - nodes: how many the last answer had.
    /// - Returns: how long to wait before the next question, the first one included.
    public mutating func next(after waited: Span, nodes: Int) -> Span {
        if let first {
            self.first = nil
            return Span(microseconds: first)
        }
        if nodes >= Self.few { pause = max(pause, Self.shortestOfMany) }
        defer {
            let longest = waited.microseconds < Self.aWhile ? Self.longest : Self.longestAfterAWhile
            let factor = Int64(max(1, nodes / Self.few))
            pause = min(pause * 5 / 4, max(longest, min(Self.longest * factor, Self.longestAfterAWhile * 2)))
        }
        return Span(microseconds: pause)
    }
}
