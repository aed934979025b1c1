import CVerification

/// Valid calls of the keys in one shard of memory since the last drain, counted under the lock that the call's look-up
/// holds anyway: one line of the processor's cache a key.
struct UsagePool {
    /// Where a key's calls are counted; good until the next drain.
    struct Place {
        private var drain: UInt32
        private var index: UInt32

        static let none = Place(drain: 0, index: 0)

        fileprivate init(drain: UInt32, index: UInt32) {
            self.drain = drain
            self.index = index
        }

        fileprivate func index(in drain: UInt32) -> Int? { self.drain == drain ? Int(index) : nil }
    }

    fileprivate struct Entry {
        let record: KeyRecord
        let hourStart: Int64
        var lastUse: Int64
        var address: IPAddress?
        /// One bit for each of the key's first permissions that let a call through.
        var granted: UInt64 = 0
        var count: UInt32 = 0

        init(record: KeyRecord, hourStart: Int64) {
            self.record = record
            self.hourStart = hourStart
            lastUse = .min
        }

        func takes(_ time: Int64) -> Bool {
            time >= hourStart && time < hourStart + 3_600_000_000 && count < .max
        }

        mutating func add(_ granted: Int?, _ address: IPAddress?, _ time: Int64) {
            // Threads come a little out of order.
            if time >= lastUse {
                lastUse = time
                self.address = address
            }
            if let granted { self.granted |= 1 << UInt64(granted) }
            count += 1
        }
    }

    /// Permissions at later positions are counted elsewhere.
    static let positions = 64
    /// More only pile up where nobody drains.
    private static let mostEntries = 4096

    private var entries: [Entry] = []
    // Wraps after decades of drains a second; 0 is nobody's.
    private var drain: UInt32 = 1
    /// Since the start.
    private(set) var total: UInt64 = 0

    /// - Parameter granted: the position of the permission that let the call through; less than `positions`.
    /// - Returns: whether there was room.
    mutating func count(
        _ record: KeyRecord, at place: inout Place, granted: Int?, address: IPAddress?, _ now: Timestamp
    ) -> Bool {
        let time = now.microseconds
        if let index = place.index(in: drain), add(granted, address, time, at: index) {
            total &+= 1
            return true
        }
        guard entries.count < Self.mostEntries else { return false }
        place = Place(drain: drain, index: UInt32(entries.count))
        var entry = Entry(record: record, hourStart: now.hourStart.microseconds)
        entry.add(granted, address, time)
        entries.append(entry)
        // The next key's entry is on its way before that key calls.
        entries.withUnsafeBufferPointer { entries in
            keybearer_prefetch_to_write(entries.baseAddress.map { $0 + entries.count })
        }
        total &+= 1
        return true
    }

    private mutating func add(_ granted: Int?, _ address: IPAddress?, _ time: Int64, at index: Int) -> Bool {
        entries.withUnsafeMutableBufferPointer { entries in
            guard entries[index].takes(time) else { return false }
            entries[index].add(granted, address, time)
            return true
        }
    }

    /// Empties the pool.
    mutating func takeAll() -> Taken {
        defer {
            // As many keys as before are likely to call again; what they do not need is never touched.
            let expected = entries.count
            entries = []
            entries.reserveCapacity(expected)
            drain = drain == .max ? 1 : drain + 1
        }
        return Taken(entries)
    }

    /// What was counted up to a drain.
    struct Taken {
        private let entries: [Entry]

        fileprivate init(_ entries: [Entry]) { self.entries = entries }

        func append(to batch: inout UsageBatch) {
            for entry in entries { append(entry, to: &batch) }
        }

        private func append(_ entry: Entry, to batch: inout UsageBatch) {
            let key = entry.record.id
            let organization = entry.record.organization.id
            let hourStart = Timestamp(microseconds: entry.hourStart)
            batch.hourly.append(
                HourlyCount(
                    key: key, organization: organization, hourStart: hourStart, verdict: .valid,
                    count: Int(entry.count)))
            batch.lastUsed.append(
                LastUse(
                    key: key, organization: organization, at: Timestamp(microseconds: entry.lastUse),
                    address: entry.address))
            guard entry.granted != 0 else { return }
            for (position, permission) in entry.record.permissions.permissions.prefix(UsagePool.positions).enumerated()
            where entry.granted >> UInt64(position) & 1 == 1 {
                batch.permissionUse.append(
                    PermissionUse(
                        key: key, organization: organization, permission: permission.description,
                        hourStart: hourStart))
            }
        }
    }
}
