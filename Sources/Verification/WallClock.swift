import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where "now" comes from; tests pass their own.
public struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    public init(_ now: @escaping @Sendable () -> Timestamp) { read = now }

    public func now() -> Timestamp { read() }

    /// The machine's clock, held to two rules: never before `floor`, and never backwards within this process.
    /// - Parameter floor: the latest moment known to have passed, such as the newest one in the database.
    public static func system(notBefore floor: Timestamp = Timestamp(microseconds: 0)) -> WallClock {
        let time = SystemTime(notBefore: floor)
        return WallClock { time.now() }
    }
}

/// Civil time that moves forward only: the time since boot (which counts while the machine sleeps) plus the
/// largest offset to it that was ever seen. A wall clock that steps back therefore changes nothing, and what has
/// expired stays expired; one that steps forward is believed.
public final class SystemTime: Sendable {
    /// So long a forward step of the wall clock may go unnoticed; asking it every time would double the cost.
    private static let wallInterval: Int64 = 1000

    private let offset: Atomic<Int64>
    private let wallIsDue: Atomic<Int64>
    private let wall: @Sendable () -> Int64
    private let sinceBoot: @Sendable () -> Int64
    private let ticks: Bool
    private let tick: @Sendable () -> Int64
    private let knownTick = Atomic(Int64.min)
    private let atKnownTick = Atomic(Int64.min)

    public convenience init(notBefore floor: Timestamp) {
        self.init(
            notBefore: floor, wall: { microseconds(of: CLOCK_REALTIME) }, sinceBoot: { microseconds(of: bootClock) },
            tick: kernelTick)
    }

    /// - Parameters:
    ///   - wall: civil time in microseconds since the epoch; may jump.
    ///   - sinceBoot: microseconds since any fixed moment; must never go back.
    ///   - tick: something that changes every few milliseconds and is asked cheaply; until it does, `now` stays as it
    ///     was. nil for a `now` that is always measured.
    public init(
        notBefore floor: Timestamp, wall: @escaping @Sendable () -> Int64,
        sinceBoot: @escaping @Sendable () -> Int64, tick: (@Sendable () -> Int64)? = nil
    ) {
        ticks = tick != nil
        self.tick = tick ?? { 0 }
        self.wall = wall
        self.sinceBoot = sinceBoot
        offset = Atomic(floor.microseconds - sinceBoot())
        wallIsDue = Atomic(.min)
    }

    public func now() -> Timestamp {
        guard ticks else { return measured() }
        let current = tick()
        // Reading the processor's counter holds up everything before it; a verification would feel that.
        if current == knownTick.load(ordering: .acquiring) {
            return Timestamp(microseconds: atKnownTick.load(ordering: .relaxed))
        }
        let now = atKnownTick.max(measured().microseconds, ordering: .relaxed).newValue
        knownTick.store(current, ordering: .releasing)
        return Timestamp(microseconds: now)
    }

    private func measured() -> Timestamp {
        let elapsed = sinceBoot()
        guard elapsed >= wallIsDue.load(ordering: .relaxed) else {
            return Timestamp(microseconds: elapsed + offset.load(ordering: .relaxed))
        }
        return lookedUp()
    }

    private func lookedUp() -> Timestamp {
        // The wall clock is read first: a pause between the two readings makes the offset too small, which is
        // ignored, and never too large, which would stay.
        let civil = wall()
        let elapsed = sinceBoot()
        wallIsDue.store(elapsed + Self.wallInterval, ordering: .relaxed)
        return Timestamp(microseconds: elapsed + raisedOffset(to: civil - elapsed))
    }

    /// From here on, `now()` is not before `floor`.
    public func raise(floor: Timestamp) {
        _ = raisedOffset(to: floor.microseconds - sinceBoot())
        knownTick.store(.min, ordering: .releasing)
    }

    private func raisedOffset(to candidate: Int64) -> Int64 {
        let known = offset.load(ordering: .relaxed)
        guard candidate > known else { return known }
        return offset.max(candidate, ordering: .relaxed).newValue
    }
}

#if os(Linux)
    private let bootClock = CLOCK_BOOTTIME
    /// The kernel's own tick, of one to ten milliseconds.
    private let kernelTick: (@Sendable () -> Int64)? = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        // It is only compared, so that any form does.
        return Int64(time.tv_sec) << 32 | Int64(time.tv_nsec)
    }
#else
    private let bootClock = CLOCK_MONOTONIC_RAW
    private let kernelTick: (@Sendable () -> Int64)? = nil
#endif

private func microseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}
