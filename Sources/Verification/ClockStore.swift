/// Records within a bound of bytes. What goes is chosen by the clock algorithm (Corbató, 1968): a hand passes over
/// the slots, spares once what was used since it last came by, and takes what was not. A hit sets one flag.
struct ClockStore {
    private struct Slot {
        var record: KeyRecord
        let cost: Int
        var wasUsed: Bool
    }

    private let capacityInBytes: Int
    private var positions: [StoredDigest: Int] = [:]
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var hand = 0
    private(set) var byteCount = 0

    init(capacityInBytes: Int) { self.capacityInBytes = capacityInBytes }

    var count: Int { positions.count }

    mutating func find(_ digest: StoredDigest) -> KeyRecord? {
        guard let position = positions[digest] else { return nil }
        slots[position]?.wasUsed = true
        return slots[position]?.record
    }

    /// Whether something had to go, or the record itself is too large to be kept.
    mutating func insert(_ record: KeyRecord, cost: Int) -> Bool {
        remove(record.digest)
        guard cost <= capacityInBytes else { return true }
        var hasEvicted = false
        while byteCount + cost > capacityInBytes {
            evictOne()
            hasEvicted = true
        }
        let slot = Slot(record: record, cost: cost, wasUsed: false)
        if let position = free.popLast() {
            slots[position] = slot
            positions[record.digest] = position
        } else {
            positions[record.digest] = slots.count
            slots.append(slot)
        }
        byteCount += cost
        return hasEvicted
    }

    mutating func remove(_ digest: StoredDigest) {
        guard let position = positions.removeValue(forKey: digest), let slot = slots[position] else { return }
        byteCount -= slot.cost
        slots[position] = nil
        free.append(position)
    }

    mutating func removeAll() { self = ClockStore(capacityInBytes: capacityInBytes) }

    func digests(where isMatch: (KeyRecord) -> Bool) -> [StoredDigest] {
        slots.compactMap { slot in slot.flatMap { isMatch($0.record) ? $0.record.digest : nil } }
    }

    // Called only while something is stored, so the second round finds one at the latest.
    private mutating func evictOne() {
        while true {
            let position = hand
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard let slot = slots[position] else { continue }
            guard slot.wasUsed else { return remove(slot.record.digest) }
            slots[position]?.wasUsed = false
        }
    }
}

/// The digests found last to have no record, at most so many; the oldest makes room.
struct AbsentRing {
    private let capacity: Int
    private var members: Set<StoredDigest> = []
    private var order: [StoredDigest] = []
    private var next = 0

    init(_ capacity: Int) { self.capacity = capacity }

    func contains(_ digest: StoredDigest) -> Bool { members.contains(digest) }

    mutating func insert(_ digest: StoredDigest) {
        guard members.insert(digest).inserted else { return }
        guard order.count == capacity else { return order.append(digest) }
        members.remove(order[next])
        order[next] = digest
        next = (next + 1) % capacity
    }

    // Its place in the order stays, so a digest that comes back may go a little early: that costs one load.
    mutating func remove(_ digest: StoredDigest) { members.remove(digest) }

    mutating func removeAll() { self = AbsentRing(capacity) }
}
