/// Says of a digest that it was never added, or that it may have been: a Bloom filter whose bits for one digest stand
/// in one line of the processor's cache (Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters",
/// 2007), one bit in each of its eight words. Nothing can be taken out.
///
/// Where as many digests were added as it has room for, about one in 200 others is taken for one of them.
struct DigestFilter: ~Copyable, @unchecked Sendable {
    // Sound, because it owns its lines alone and cannot be copied.
    private let lines: UnsafeMutablePointer<UInt64>?
    private let lineCount: Int
    // So that nobody can choose digests that are taken for others.
    private let seed: UInt64
    private let budget: CacheBudget?
    /// Those added, but for the few that looked as if they had been before.
    private(set) var count = 0

    static let bitsPerDigest = 12
    private static let wordsInLine = 8
    private static let bytesInLine = 64

    /// One that any digest may have been added to.
    init() {
        lines = nil
        lineCount = 0
        seed = 0
        budget = nil
    }

    /// - Parameters:
    ///   - capacity: how many digests it is to have room for.
    ///   - budget: where its bytes are counted as long as it lives.
    init(capacity: Int, seed: UInt64, budget: CacheBudget) {
        let bitsInLine = Self.bytesInLine * 8
        lineCount = max(1, (capacity * Self.bitsPerDigest + bitsInLine - 1) / bitsInLine)
        self.seed = seed
        self.budget = budget
        let byteCount = lineCount * Self.bytesInLine
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: Self.bytesInLine)
        lines = memory.initializeMemory(as: UInt64.self, repeating: 0, count: lineCount * Self.wordsInLine)
        budget.add(byteCount)
    }

    deinit {
        budget?.add(-lineCount * Self.bytesInLine)
        lines?.deallocate()
    }

    /// Whether it can say of any digest that it was never added.
    var isKnown: Bool { lines != nil }

    /// How many digests it has room for.
    var capacity: Int { lineCount * Self.bytesInLine * 8 / Self.bitsPerDigest }

    /// With so many more than it has room for, about one in 30 others is taken for one of them.
    var isCrowded: Bool { isKnown && count > capacity + capacity / 2 }

    mutating func add(_ name: RecordName) {
        guard let line = line(name) else { return }
        let bits = bits(name)
        var isNew = false
        for word in 0..<Self.wordsInLine {
            let bit = Self.bit(word, bits)
            isNew = isNew || line[word] & bit == 0
            line[word] |= bit
        }
        if isNew { count += 1 }
    }

    func mayContain(_ name: RecordName) -> Bool {
        guard let line = line(name) else { return true }
        let bits = bits(name)
        for word in 0..<Self.wordsInLine where line[word] & Self.bit(word, bits) == 0 { return false }
        return true
    }

    private func line(_ name: RecordName) -> UnsafeMutablePointer<UInt64>? {
        let mixed = (name.w0 ^ seed) &* 0x9e37_79b9_7f4a_7c15
        let line = Int(truncatingIfNeeded: mixed.multipliedFullWidth(by: UInt64(lineCount)).high)
        return lines.map { $0 + line * Self.wordsInLine }
    }

    // Other bits of the digest than those that choose the line, or the shard. The last of a product are the poorest.
    private func bits(_ name: RecordName) -> UInt64 { ((name.w1w2 ^ seed) &* 0xbf58_476d_1ce4_e5b9) >> 16 }

    private static func bit(_ word: Int, _ bits: UInt64) -> UInt64 { 1 << (bits >> UInt64(6 * word) & 63) }
}
