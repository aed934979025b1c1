import CVerification

/// Records by digest, each with its rate limit's window and a note of where its usage is counted: a flat table of
/// 8-byte slots that a search passes over from the digest's own place to the first empty one (Knuth, The Art of
/// Computer Programming, volume 3, section 6.4, algorithms L and R).
///
/// What changes with every call stands beside the slots, in cells of the same positions: so the slots of a million
/// keys take little more than ten megabytes, and the processor's outer cache keeps most of them.
struct RecordTable: ~Copyable, @unchecked Sendable {
    // Sound, because it owns slots and cells alone, cannot be copied, and what they refer to is Sendable.
    private struct Slot {
        // The reference in the 48 bits below, 16 bits of the digest above. 0 for an empty slot.
        fileprivate var tagged: UInt64 = 0

        fileprivate static let empty = Slot()
        fileprivate static let wasUsed: UInt64 = 1

        fileprivate var isEmpty: Bool { tagged == 0 }
        fileprivate var tag: UInt64 { tagged >> 48 }
    }

    /// What is counted of one key.
    struct Cell {
        var window = RateWindow.none
        var usage = UsagePool.Place.none
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var cells: UnsafeMutablePointer<Cell>
    private var capacity: Int
    private var hand = 0
    private let seed: UInt64
    private(set) var count = 0
    /// Of the slots beyond those of an empty table.
    var byteCount: Int {
        (capacity - Self.smallest) * (MemoryLayout<Slot>.stride + MemoryLayout<Cell>.stride)
    }

    private static let smallest = 8

    /// - Parameter seed: mixed into every place, so that nobody can choose digests that crowd together.
    init(seed: UInt64) {
        self.seed = seed
        capacity = Self.smallest
        slots = Self.allocate(capacity, .empty)
        cells = Self.allocate(capacity, Cell())
    }

    deinit {
        releaseAll()
        slots.deallocate()
        cells.deallocate()
    }

    func find(_ digest: StoredDigest) -> Int? { find(digest.words, pepperID: digest.pepperID) }

    private func find(_ words: FourWords, pepperID: String?) -> Int? {
        let tag = Self.tag(words)
        var position = home(words)
        // On its way while the slot and the record are.
        keybearer_prefetch_to_write(cells + position)
        while !slots[position].isEmpty {
            if slots[position].tag == tag {
                Self.prefetch(slots[position])
                // The table owns one count of every reference in it, and gives none back meanwhile.
                let isSame = Self.reference(slots[position])._withUnsafeGuaranteedRef { block in
                    KeyRecord.isNamed(block, words, pepperID: pepperID)
                }
                if isSame { return position }
            }
            position = next(position)
        }
        return nil
    }

    /// Asks for the lines of memory that `find` will look at first.
    func prefetchSlot(_ digest: StoredDigest) {
        let position = home(digest.words)
        keybearer_prefetch(slots + position)
        keybearer_prefetch_to_write(cells + position)
    }

    /// Asks for those of the record that is likely to be the digest's, once its slot is near.
    func prefetchRecord(_ digest: StoredDigest) {
        let tag = Self.tag(digest.words)
        var position = home(digest.words)
        while !slots[position].isEmpty {
            if slots[position].tag == tag { return Self.prefetch(slots[position]) }
            position = next(position)
        }
    }

    // What is looked at of a record is two lines of memory, of some with addresses three. Its count is written to.
    private static func prefetch(_ slot: Slot) {
        let address = reference(slot).toOpaque()
        keybearer_prefetch_to_write(address)
        keybearer_prefetch(address + 64)
        keybearer_prefetch(address + KeyRecord.lookedAt)
    }

    func record(at position: Int) -> KeyRecord {
        KeyRecord(block: Self.reference(slots[position]).takeUnretainedValue())
    }

    subscript(position: Int) -> Cell {
        _read { yield cells[position] }
        nonmutating _modify { yield &cells[position] }
    }

    /// Spares the record when the hand next comes by.
    func markUsed(_ position: Int) {
        // Written only where it changes something, so that readers of other keys keep their line of the cache.
        if slots[position].tagged & Slot.wasUsed == 0 { slots[position].tagged |= Slot.wasUsed }
    }

    /// The digest must not be in the table.
    mutating func insert(_ record: KeyRecord, window: RateWindow) {
        // A search ends at an empty slot, so a fifth of them stay so.
        if (count + 1) * 5 > capacity * 4 { resize(to: capacity + max(Self.smallest, capacity / 2)) }
        place(
            Slot(tagged: Self.tagged(record)), Cell(window: window), KeyRecord.words(of: record.block))
        count += 1
    }

    /// Takes a record out; what stood behind it on its search's way moves up.
    mutating func remove(at position: Int) -> (record: KeyRecord, window: RateWindow) {
        let (slot, cell) = (slots[position], cells[position])
        var hole = position
        var candidate = next(hole)
        while !slots[candidate].isEmpty {
            let home = Self.reference(slots[candidate])._withUnsafeGuaranteedRef { self.home(KeyRecord.words(of: $0)) }
            // Whether the hole lies between its home and it, around the table's end where need be.
            if distance(from: home, to: hole) <= distance(from: home, to: candidate) {
                slots[hole] = slots[candidate]
                cells[hole] = cells[candidate]
                hole = candidate
            }
            candidate = next(candidate)
        }
        slots[hole] = .empty
        count -= 1
        return (KeyRecord(block: Self.reference(slot).takeRetainedValue()), cell.window)
    }

    mutating func removeAll() {
        releaseAll()
        slots.deallocate()
        cells.deallocate()
        capacity = Self.smallest
        slots = Self.allocate(capacity, .empty)
        cells = Self.allocate(capacity, Cell())
        count = 0
        hand = 0
    }

    /// What is to go next, by the clock algorithm (Corbató, 1968): a hand passes over the slots, spares once what was
    /// used since it last came by, and takes what was not. nil for an empty table.
    mutating func nextToGo() -> Int? {
        guard count > 0 else { return nil }
        while true {
            let position = hand
            hand = next(hand)
            if slots[position].isEmpty { continue }
            if slots[position].tagged & Slot.wasUsed == 0 {
                // What moves up into its place is looked at as well.
                hand = position
                return position
            }
            slots[position].tagged &= ~Slot.wasUsed
        }
    }

    var positions: [Int] { (0..<capacity).filter { !slots[$0].isEmpty } }

    private func releaseAll() {
        for position in positions { Self.reference(slots[position]).release() }
    }

    private mutating func resize(to capacity: Int) {
        let (old, oldCells, oldCapacity) = (slots, cells, self.capacity)
        slots = Self.allocate(capacity, .empty)
        cells = Self.allocate(capacity, Cell())
        self.capacity = capacity
        hand = 0
        for position in 0..<oldCapacity where !old[position].isEmpty {
            place(
                old[position], oldCells[position],
                Self.reference(old[position])._withUnsafeGuaranteedRef(KeyRecord.words))
        }
        old.deallocate()
        oldCells.deallocate()
    }

    private func place(_ slot: Slot, _ cell: Cell, _ words: FourWords) {
        var position = home(words)
        while !slots[position].isEmpty { position = next(position) }
        slots[position] = slot
        cells[position] = cell
    }

    private func home(_ words: FourWords) -> Int {
        let mixed = (words.w0 ^ seed) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    private func next(_ position: Int) -> Int { position + 1 == capacity ? 0 : position + 1 }

    private func distance(from: Int, to: Int) -> Int { to >= from ? to - from : to + capacity - from }

    private static func allocate<Element: BitwiseCopyable>(
        _ capacity: Int, _ element: Element
    ) -> UnsafeMutablePointer<Element> {
        let elements = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        elements.initialize(repeating: element, count: capacity)
        return elements
    }

    private static func tag(_ words: FourWords) -> UInt64 { words.w1 >> 48 }
}

extension RecordTable {
    private typealias Reference = Unmanaged<KeyRecord.Block>

    // An address of a 64-bit process has 48 bits at most, unless it asks the kernel for more, and the heap's are
    // multiples of 16, so that 16 bits above and 4 below are free.
    private static let addressBits: UInt64 = 0x0000_ffff_ffff_fff0

    /// With a count of its own, which `remove` gives back.
    private static func tagged(_ record: KeyRecord) -> UInt64 {
        let address = UInt64(UInt(bitPattern: Reference.passRetained(record.block).toOpaque()))
        precondition(address & ~addressBits == 0, "an address of more than 48 bits")
        return tag(KeyRecord.words(of: record.block)) << 48 | address
    }

    private static func reference(_ slot: Slot) -> Reference {
        // Never null: only slots that are not empty are asked.
        guard let pointer = UnsafeRawPointer(bitPattern: UInt(slot.tagged & addressBits)) else {
            preconditionFailure("an empty slot has no record")
        }
        return Reference.fromOpaque(pointer)
    }
}
