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
