import Foundation

/// The line and the column of places in a text, asked for in the order in which they stand there.
///
/// Columns count UTF-16 code units, as SARIF 2.1.0 (3.14.17) and editors do; a byte that is no UTF-8 counts one or none. What
/// lies between two places is looked at once, so that a line of a hundred million bytes costs no more than any other text.
struct PlaceCounter {
    /// From 1.
    private(set) var line = 1
    /// From 1.
    private(set) var column = 1
    private var position = 0

    /// Reads on from the last place; stops early where the file has become shorter.
    mutating func advance(to offset: Int, in descriptor: Int32) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
        defer { buffer.deallocate() }
        while position < offset {
            let count = pread(descriptor, buffer.baseAddress, min(buffer.count, offset - position), off_t(position))
            guard count > 0 else { return }
            pass(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    mutating func advance(to offset: Int, in bytes: [UInt8]) {
        let end = min(offset, bytes.count)
        guard position < end else { return }
        bytes.withUnsafeBytes { pass(UnsafeRawBufferPointer(rebasing: $0[position..<end])) }
    }

    private mutating func pass(_ bytes: UnsafeRawBufferPointer) {
        let lines = Self.lineEnds(in: bytes)
        var start = 0
        if lines > 0 {
            line += lines
            column = 1
            start = bytes.count
            while bytes[start - 1] != 0x0a { start -= 1 }
        }
        // A scalar's first byte stands for it; from U+10000 on it has two units.
        for byte in bytes[start...] where byte & 0xc0 != 0x80 { column += byte < 0xf0 ? 1 : 2 }
        position += bytes.count
    }

    /// Eight bytes at a time, each counted in a byte of its own for as long as a byte can count: lines are short, and a
    /// search for the next end that begins anew with each costs several times as much.
    private static func lineEnds(in bytes: UnsafeRawBufferPointer) -> Int {
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let pairs: UInt64 = 0x00ff_00ff_00ff_00ff
        var total = 0
        var index = 0
        while index + 8 <= bytes.count {
            let end = min(index + 255 * 8, bytes.count - 7)
            var counts: UInt64 = 0
            while index < end {
                // A byte is zero where it was a line's end, and has its highest bit left where it is zero.
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ 0x0a0a_0a0a_0a0a_0a0a
                counts &+= ~(((word & low) &+ low) | word | low) >> 7
                index += 8
            }
            total += Int((((counts & pairs) &+ (counts >> 8 & pairs)) &* 0x0001_0001_0001_0001) >> 48)
        }
        while index < bytes.count {
            if bytes[index] == 0x0a { total += 1 }
            index += 1
        }
        return total
    }
}
