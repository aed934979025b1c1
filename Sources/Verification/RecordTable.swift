import CVerification

/// Records by digest, each in a line of the processor's cache with its rate limit's window and a note of where its usage
/// is counted: a flat table that a search passes over from the digest's own place to the first empty one (Knuth, The Art
/// of Computer Programming, volume 3, section 6.4, algorithms L and R).
///
/// So a decision about a key whose memory is far waits for it once.
struct RecordTable: ~Copyable, @unchecked Sendable {
    // Sound, because it owns its cells alone, cannot be copied, and what they refer to is Sendable.
    /// A record and what is counted of its key.
    struct Cell {
        fileprivate(set) var own: KeyRecord.Own
        var usage = UsagePool.Place.none
        var window = RateWindow.none
    }

    // Zeros where no record is.
    private var cells: UnsafeMutablePointer<Cell>
    private var capacity: Int
    private let seed: UInt64
    private var eras = RecordEras()
    private(set) var count = 0
    private var hand = 0
    /// Of the cells beyond those of an empty table.
    var byteCount: Int { (capacity - Self.smallest) * MemoryLayout<Cell>.stride }

    private static let smallest = 8
    private static let line = 64

    /// - Parameter seed: mixed into every place, so that nobody can choose digests that crowd together.
    init(seed: UInt64) {
        self.seed = seed
        capacity = Self.smallest
        cells = Self.allocate(capacity)
    }

    /// To be held by whoever goes on reading records that may leave meanwhile.
    var era: RecordEra { eras.present }

    deinit {
        // Whoever was handed a record holds an era.
        eras.end(with: Blocks(takeAll()))
        cells.deallocate()
    }

    @inline(__always)
    func find(_ digest: StoredDigest) -> Int? { find(RecordName(digest.words), pepperID: digest.pepperID) }

    // Called, it would be given a copy of the table.
    @inline(__always)
    private func find(_ name: RecordName, pepperID: String?) -> Int? {
        var position = home(name)
        Self.prefetch(cells + position)
        while !cells[position].own.isEmpty {
            if cells[position].own.name == name,
                cells[position].own.facts._withUnsafeGuaranteedRef({ $0.isUnder(pepperID) })
            {
                return position
            }
            position = next(position)
        }
        return nil
    }

    /// Asks for the lines of memory that `find` will look at first.
    func prefetchCell(_ digest: StoredDigest) { Self.prefetch(cells + home(RecordName(digest.words))) }

    /// Asks for the block of the digest's record, once its cell is near.
    func prefetchBlock(_ digest: StoredDigest) {
        // Not in `find`: asking for a line waits for its address to be translated.
        guard let position = find(RecordName(digest.words), pepperID: digest.pepperID) else { return }
        let block = cells[position].own.block.toOpaque()
        keybearer_prefetch(block)
        // Names reach into the line after the first; any address will do.
        keybearer_prefetch(block + Self.line)
    }

    // Most searches end within three cells, which then come at the same time. Any address will do.
    private static func prefetch(_ cell: UnsafeMutablePointer<Cell>) {
        keybearer_prefetch_to_write(cell)
        keybearer_prefetch_to_write(cell + 1)
        keybearer_prefetch_to_write(cell + 2)
    }

    /// Whether the record's organization is.
    func isStrict(_ position: Int) -> Bool { cells[position].own.facts._withUnsafeGuaranteedRef(\.isStrict) }

    func record(at position: Int) -> KeyRecord { KeyRecord(own: cells[position].own, heldBy: eras.present) }

    func name(at position: Int) -> RecordName { cells[position].own.name }

    subscript(position: Int) -> Cell {
        _read { yield cells[position] }
        nonmutating _modify { yield &cells[position] }
    }

    /// Spares the record when the hand next comes by.
    func markUsed(_ position: Int) {
        // Who reads a word that was just written to in part waits until that is in the cache.
        if !cells[position].own.wasUsed { cells[position].own.wasUsed = true }
    }

    /// The digest must not be in the table.
    mutating func insert(_ record: KeyRecord, window: RateWindow) {
        // A search ends at an empty cell, so a fifth of them stay so.
        if (count + 1) * 5 > capacity * 4 { resize(to: capacity + max(Self.smallest, capacity / 8)) }
        var own = record.own
        own.wasUsed = false
        // A count of the table's own, which `remove` gives back.
        withExtendedLifetime(record) { _ = own.block.retain() }
        place(Cell(own: own, window: window))
        count += 1
    }

    /// Takes a record out; what stood behind it on its search's way moves up.
    mutating func remove(at position: Int) -> (record: KeyRecord, window: RateWindow) {
        let cell = cells[position]
        var hole = position
        var candidate = next(hole)
        while !cells[candidate].own.isEmpty {
            let home = home(cells[candidate].own.name)
            // Whether the hole lies between its home and it, around the table's end where need be.
            if distance(from: home, to: hole) <= distance(from: home, to: candidate) {
                cells[hole] = cells[candidate]
                hole = candidate
            }
            candidate = next(candidate)
        }
        Self.empty(cells + hole, count: 1)
        count -= 1
        let block = cell.own.block.takeRetainedValue()
        eras.endWhereHeld(with: block)
        return (KeyRecord(own: cell.own, heldBy: block), cell.window)
    }

    mutating func removeAll() {
        let blocks = Blocks(takeAll())
        eras.endWhereHeld(with: blocks)
        cells.deallocate()
        capacity = Self.smallest
        cells = Self.allocate(capacity)
        count = 0
        hand = 0
    }

    /// What is to go next, by the clock algorithm (Corbató, 1968): a hand passes over the cells, spares once what was
    /// used since it last came by, and takes what was not. nil for an empty table.
    mutating func nextToGo() -> Int? {
        guard count > 0 else { return nil }
        while true {
            let position = hand
            hand = next(hand)
            if cells[position].own.isEmpty { continue }
            if !cells[position].own.wasUsed {
                // What moves up into its place is looked at as well.
                hand = position
                return position
            }
            cells[position].own.wasUsed = false
        }
    }

    var positions: [Int] { (0..<capacity).filter { !cells[$0].own.isEmpty } }

    /// With the table's counts of them; the cells are not to be looked at again.
    private func takeAll() -> [KeyRecord.Block] { positions.map { cells[$0].own.block.takeRetainedValue() } }

    private mutating func resize(to capacity: Int) {
        let (old, oldCapacity) = (cells, self.capacity)
        cells = Self.allocate(capacity)
        self.capacity = capacity
        hand = 0
        for position in 0..<oldCapacity where !old[position].own.isEmpty { place(old[position]) }
        old.deallocate()
    }

    private func place(_ cell: Cell) {
        var position = home(cell.own.name)
        while !cells[position].own.isEmpty { position = next(position) }
        cells[position] = cell
    }

    private func home(_ name: RecordName) -> Int {
        let mixed = (name.w0 ^ seed) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    private func next(_ position: Int) -> Int { position + 1 == capacity ? 0 : position + 1 }

    private func distance(from: Int, to: Int) -> Int { to >= from ? to - from : to + capacity - from }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Cell> {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * MemoryLayout<Cell>.stride, alignment: Self.line)
        let cells = memory.bindMemory(to: Cell.self, capacity: capacity)
        empty(cells, count: capacity)
        return cells
    }

    // Nothing but `isEmpty` is asked of such cells.
    private static func empty(_ cells: UnsafeMutablePointer<Cell>, count: Int) {
        UnsafeMutableRawBufferPointer(start: cells, count: count * MemoryLayout<Cell>.stride)
            .initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// What left a table at once.
    private final class Blocks {
        private let blocks: [KeyRecord.Block]

        init(_ blocks: [KeyRecord.Block]) { self.blocks = blocks }
    }
}
