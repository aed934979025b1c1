import Foundation
import KeybearerCluster

extension Moment {
    /// Read from the kernel, which counts on while the machine sleeps; about 30 ns.
    static func now() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let now = Moment(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
        #if KEYBEARER_BREAKABLE
            if let rate = Breaking.clockRate { return Moment(microseconds: Int64(Double(now.microseconds) * rate)) }
        #endif
        return now
    }
}

/// Notices that one of the machine's clocks has jumped against the other: somebody set the time, or the machine was
/// frozen and its boot-time clock with it, and then a lease may be older than it looks.
struct ClockComparison {
    private var difference: Int64?
    private let tolerance: Span

    init(tolerance: Span) { self.tolerance = tolerance }

    /// - Parameters:
    ///   - wall: microseconds since 1970.
    /// - Returns: whether the two have moved apart since the last call by more than is tolerated.
    mutating func hasJumped(wall: Int64, boot: Moment) -> Bool {
        let now = wall - boot.microseconds
        defer { difference = now }
        guard let difference else { return false }
        return abs(now - difference) > tolerance.microseconds
    }

    static func wallNow() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
