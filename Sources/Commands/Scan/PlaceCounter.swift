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
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
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
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while start < bytes.count, let end = memchr(base + start, 0x0a, bytes.count - start) {
            start = base.distance(to: UnsafeRawPointer(end)) + 1
            line += 1
            column = 1
        }
        // A scalar's first byte stands for it; from U+10000 on it has two units.
        for byte in bytes[start...] where byte & 0xc0 != 0x80 { column += byte < 0xf0 ? 1 : 2 }
        position += bytes.count
    }
}
