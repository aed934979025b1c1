/// The protocol's lengths of time. All follow from the lease, which is the one knob.
public struct Timing: Hashable, Sendable {
    /// How long a node may decide after the last renewal that it sent successfully; what a revoke waits at most.
    public let lease: Span
    /// What is taken off a node's own lease for clocks that run differently.
    public let margin: Span
    /// From one renewal to the next.
    public let interval: Span
    /// How long a call to the database may take.
    public let deadline: Span
    /// Before a failed call is made again: at most half a second, so that a database which is back is soon noticed,
    /// however long the lease.
    public let pause: Span

    /// Clocks whose rates differ by less than 1 % are allowed for: of two that differ by ρ from real time each, one
    /// may measure 2ρ / (1 + ρ) more than the other, and the margin is twice that.
    public init(lease: Span) {
        self.lease = lease
        margin = Span(microseconds: lease.microseconds / 25)
        interval = Span(microseconds: lease.microseconds / 5)
        deadline = Span(microseconds: lease.microseconds / 5)
        pause = Span(microseconds: min(lease.microseconds / 50, 500_000))
    }

    /// What a node grants itself.
    public var usableLease: Span { Span(microseconds: lease.microseconds - margin.microseconds) }
}
