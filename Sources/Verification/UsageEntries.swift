import CVerification

/// The valid calls of one key since the last drain.
struct UsageEntry {
    private let block: Unmanaged<KeyRecord.Block>
    let hourStart: Int64
    private var lastUse = Int64.min
    private var address: IPAddress?
    /// One bit for each of the key's first permissions that let a call through.
    private var granted: UInt64 = 0
    private var count: UInt32 = 0
    /// Whether it has a count of the block of its own. Without one the record is in the table, or was when the entries
    /// were taken and their holder keeps it.
    private var keeps = false

    fileprivate init(block: Unmanaged<KeyRecord.Block>, hourStart: Int64) {
        self.block = block
        self.hourStart = hourStart
    }

    mutating func keep() {
        if !keeps { _ = block.retain() }
        keeps = true
    }

    fileprivate func release() {
        if keeps { block.release() }
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

    fileprivate func append(to batch: inout UsageBatch) {
        block._withUnsafeGuaranteedRef { block in
            block.withRest { rest in
                rest.facts._withUnsafeGuaranteedRef { append(to: &batch, rest.id, $0) }
            }
        }
    }

    private func append(to batch: inout UsageBatch, _ key: KeyID, _ facts: SharedFacts) {
        let organization = facts.organization.id
        let hourStart = Timestamp(microseconds: hourStart)
        batch.hourly.append(
            HourlyCount(
                key: key, organization: organization, hourStart: hourStart, verdict: .valid, count: Int(count)))
        batch.lastUsed.append(
            LastUse(key: key, organization: organization, at: Timestamp(microseconds: lastUse), address: address))
        guard granted != 0 else { return }
        for (position, permission) in facts.permissions.permissions.prefix(UsagePool.positions).enumerated()
        where granted >> UInt64(position) & 1 == 1 {
            batch.permissionUse.append(
                PermissionUse(
                    key: key, organization: organization, permission: permission.description, hourStart: hourStart))
        }
    }
}

/// Entries one after the other, each in a line of the processor's cache of its own. Not an array: that one's elements
/// lie across two lines each, and its memory would be new after every drain, whose first touch the kernel has to serve.
struct UsageEntries: ~Copyable, @unchecked Sendable {
    // Sound, because it owns its memory alone, cannot be copied, and what entries refer to is Sendable.
    private var start: UnsafeMutablePointer<UsageEntry>?
    private var capacity = 0
    private(set) var count = 0
    /// Keeps the records of entries that have been taken out of a pool.
    var holder: RecordEra?

    private static let fewest = 16
    private static let line = 64

    deinit {
        releaseAll()
        start?.deallocate()
    }

    subscript(index: Int) -> UsageEntry {
        _read { yield entry(index).pointee }
        _modify { yield &entry(index).pointee }
    }

    /// Without calls yet.
    mutating func append(_ block: Unmanaged<KeyRecord.Block>, hourStart: Int64) {
        if count == capacity { resize(to: max(Self.fewest, 2 * capacity)) }
        count += 1
        let next = entry(count - 1)
        next.initialize(to: UsageEntry(block: block, hourStart: hourStart))
        // The next key's is on its way before that key calls. Any address will do.
        keybearer_prefetch_to_write(next + 1)
    }

    func prefetch(_ index: Int) {
        if let start { keybearer_prefetch_to_write(start + index) }
    }

    /// Of none that are counted, room for as many as are expected, and not for many times more.
    mutating func prepare(for expected: Int) {
        let isFar = capacity > 4 * max(expected, Self.fewest)
        if count == 0, capacity < expected || isFar { resize(to: expected) }
    }

    mutating func removeAll() {
        releaseAll()
        count = 0
        holder = nil
    }

    private func releaseAll() {
        for index in 0..<count { entry(index).pointee.release() }
    }

    func append(to batch: inout UsageBatch) {
        for index in 0..<count { self[index].append(to: &batch) }
    }

    private func entry(_ index: Int) -> UnsafeMutablePointer<UsageEntry> {
        precondition(index >= 0 && index < count)
        guard let start else { preconditionFailure("no entries") }
        return start + index
    }

    /// To `count` at least.
    private mutating func resize(to wanted: Int) {
        let old = start
        start = nil
        capacity = wanted
        if wanted > 0 {
            let new = UnsafeMutableRawPointer.allocate(
                byteCount: wanted * MemoryLayout<UsageEntry>.stride, alignment: Self.line
            ).bindMemory(to: UsageEntry.self, capacity: wanted)
            if let old { new.moveInitialize(from: old, count: count) }
            start = new
        }
        old?.deallocate()
    }
}
