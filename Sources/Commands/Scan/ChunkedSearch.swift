import Foundation

/// Searches what is read piece by piece, into a buffer that is used again and again.
///
/// Not `Sendable`: each thread has its own.
final class ChunkedSearch {
    private let matcher: KeyMatcher
    private let buffer: UnsafeMutableRawBufferPointer
    /// How many bytes at the buffer's start were searched with the piece before.
    private var carried = 0
    /// Of the buffer's start, within what is being read.
    private var offset = 0

    init(_ matcher: KeyMatcher, capacity: Int = 1 << 19) {
        self.matcher = matcher
        buffer = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// - Parameters:
    ///   - read: fills from the pointer on, at most so many bytes; 0 at the end, negative where reading failed.
    ///   - found: the offset within all that is read, the key's bytes and its prefix.
    /// - Returns: false where reading failed.
    func run(
        _ read: (UnsafeMutableRawPointer, Int) -> Int, found: (Int, [UInt8], String) -> Void
    ) -> Bool {
        guard let base = buffer.baseAddress else { return false }
        carried = 0
        offset = 0
        while true {
            let count = read(base + carried, buffer.count - carried)
            guard count > 0 else { return count == 0 }
            let filled = carried + count
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            matcher.search(bytes) { match in
                // One that lies wholly in what was carried over was found with the piece before.
                guard match.offset + match.length > carried else { return }
                found(
                    offset + match.offset, Array(bytes[match.offset..<(match.offset + match.length)]), match.prefix)
            }
            // A key that ends beyond this piece starts within its last bytes.
            let keep = min(filled, matcher.longest - 1)
            memmove(base, base + filled - keep, keep)
            offset += filled - keep
            carried = keep
        }
    }
}
