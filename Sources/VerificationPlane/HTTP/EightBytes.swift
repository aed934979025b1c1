/// Eight bytes looked at in one step. Of each question the answer has bit 7 set in the first byte that it holds for, and
/// is 0 where it holds for none; bytes after the first may be marked wrongly (Warren, Hacker's Delight, section 6-1).
struct EightBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    let word: UInt64

    /// - Parameter index: at least eight bytes follow it.
    init(_ bytes: ByteView, at index: Int) {
        // Within the bytes, as the caller has looked; little-endian, so that the first byte is the lowest.
        word = UInt64(
            littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// - Parameter limit: at most 128.
    func isBelow(_ limit: UInt8) -> UInt64 { (word &- Self.ones &* UInt64(limit)) & ~word & Self.highs }

    func isEqual(_ byte: UInt8) -> UInt64 {
        let difference = word ^ Self.ones &* UInt64(byte)
        return (difference &- Self.ones) & ~difference & Self.highs
    }

    var isNotASCII: UInt64 { word & Self.highs }
}

extension ByteView {
    /// The first index from `start` on, before `end`, of a byte that is `special`; `end` where there is none.
    ///
    /// - Parameter mark: what `special` says, of eight bytes; may mark more.
    func firstIndex(
        from start: Int, to end: Int, _ mark: (EightBytes) -> UInt64, _ special: (UInt8) -> Bool
    ) -> Int {
        var index = start
        while index + 8 <= end {
            let marked = mark(EightBytes(self, at: index))
            if marked != 0 {
                // None before the first that is marked.
                for byte in index + marked.trailingZeroBitCount / 8..<index + 8 where special(self[byte]) {
                    return byte
                }
            }
            index += 8
        }
        while index < end, !special(self[index]) { index += 1 }
        return index
    }
}
