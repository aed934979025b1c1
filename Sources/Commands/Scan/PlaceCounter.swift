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

    /// Counted a byte wide in blocks that a byte can count, which the compiler turns into vectors: lines are short, and a
    /// search for the next end that begins anew with each costs several times as much.
    private static func lineEnds(in bytes: UnsafeRawBufferPointer) -> Int {
        var total = 0
        var start = 0
        while start < bytes.count {
            let end = min(start + 255, bytes.count)
            var block: UInt8 = 0
            for index in start..<end { block &+= bytes[index] == 0x0a ? 1 : 0 }
            total += Int(block)
            start = end
        }
        return total
    }
}
