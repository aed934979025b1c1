/// Valid calls of the keys in one shard of memory since the last drain, counted under the lock that the call's look-up
/// holds anyway: one line of the processor's cache a key.
struct UsagePool: ~Copyable {
    /// Where a key's calls are counted; good until the next drain. In four bytes: an index below `mostEntries`, and the
    /// drain above it.
    struct Place {
        private var bits: UInt32

        static let none = Place(drain: 0, index: 0)

        fileprivate init(drain: UInt32, index: Int) { bits = drain << UsagePool.indexBits | UInt32(index) }

        fileprivate func index(in drain: UInt32) -> Int? {
            bits >> UsagePool.indexBits == drain ? Int(bits & (1 << UsagePool.indexBits - 1)) : nil
        }
    }

    /// Permissions at later positions are counted elsewhere.
    static let positions = 64
    /// More only pile up where nobody drains.
    private static let mostEntries = 1 << Int(indexBits)
    private static let indexBits: UInt32 = 12
    private static let mostDrains: UInt32 = 1 << (32 - indexBits) - 1

    private var entries = UsageEntries()
    // From 1 to `mostDrains`; 0 is nobody's.
    private var drain: UInt32 = 1
    /// Since the start.
    private(set) var total: UInt64 = 0

    /// - Parameters:
    ///   - block: of a record in the table; `keep` is to be called before it leaves.
    ///   - granted: the position of the permission that let the call through; less than `positions`.
    /// - Returns: whether there was room.
    mutating func count(
        _ block: Unmanaged<KeyRecord.Block>, at place: inout Place, granted: Int?, address: IPAddress?, _ now: Timestamp
    ) -> Bool {
        let time = now.microseconds
        if let index = place.index(in: drain), add(granted, address, time, at: index) {
            total &+= 1
            return true
        }
        guard entries.count < Self.mostEntries else { return false }
        keep(place)
        place = Place(drain: drain, index: entries.count)
        entries.append(block, hourStart: now.hourStart.microseconds)
        entries[entries.count - 1].add(granted, address, time)
        total &+= 1
        return true
    }

    /// Asks for the line of memory that `count` will write to.
    func prefetch(_ place: Place) {
        if let index = place.index(in: drain) { entries.prefetch(index) }
    }

    /// What was counted at the place no longer relies on the record's being in the table.
    mutating func keep(_ place: Place) {
        if let index = place.index(in: drain) { entries[index].keep() }
    }

    private mutating func add(_ granted: Int?, _ address: IPAddress?, _ time: Int64, at index: Int) -> Bool {
        guard entries[index].takes(time) else { return false }
        entries[index].add(granted, address, time)
        return true
    }

    /// Gives what was counted in exchange for memory without entries, to go on in.
    /// - Returns: false where numbers of drains begin anew, after weeks: then all places are to be forgotten.
    mutating func exchange(_ other: inout UsageEntries) -> Bool {
        // As many keys as before are likely to call again.
        other.prepare(for: entries.count)
        swap(&entries, &other)
        drain += 1
        guard drain > Self.mostDrains else { return true }
        drain = 1
        return false
    }
}
