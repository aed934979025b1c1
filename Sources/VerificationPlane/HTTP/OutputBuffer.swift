import Glibc

/// Bytes on their way out. One event loop has one, which every connection fills and empties within its turn, so that
/// answering allocates nothing.
struct OutputBuffer: ~Copyable {
    // Grown by doubling and freed with the buffer; never handed out but for the length of a call. `count` bytes are
    // initialized, and every write makes room before it copies.
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
    private(set) var count = 0

    init() {}

    deinit { storage.deallocate() }

    var isEmpty: Bool { count == 0 }

    /// What has been written, for as long as nothing more is.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// Keeps its memory, but not for ever that of one answer which was very large.
    mutating func removeAll() {
        count = 0
        guard storage.count > 1 << 20 else { return }
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        makeRoom(for: bytes.count)
        if let start = storage.baseAddress { memcpy(start + count, source, bytes.count) }
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    mutating func append(_ bytes: ByteView) { append(UnsafeRawBufferPointer(bytes)) }

    // Here and not called, so that the compiler knows how many bytes it copies. Of all that take a literal this one has no
    // label: with a second one for `String` every literal is a string, to be counted and looked into at run time.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        makeRoom(for: text.utf8CodeUnitCount)
        if let start = storage.baseAddress { memcpy(start + count, text.utf8Start, text.utf8CodeUnitCount) }
        count += text.utf8CodeUnitCount
    }

    /// - Parameter write: writes at most `most` bytes to the address, and says how many.
    @inline(__always)
    mutating func append(atMost most: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        makeRoom(for: most)
        guard let start = storage.baseAddress else { return }
        // The storage is raw memory with room for `most` bytes from here on.
        count += write((start + count).assumingMemoryBound(to: UInt8.self))
    }

    mutating func append(_ byte: UInt8) {
        makeRoom(for: 1)
        storage[count] = byte
        count += 1
    }

    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var length = 1
        var next: UInt64 = 10
        // At most 19 digits, so the last power compared with is 10¹⁸.
        while length < 19, rest >= next {
            length += 1
            next = length < 19 ? next * 10 : next
        }
        append(atMost: 20) { digits in
            var end = length
            while end > 0 {
                end -= 1
                digits[end] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return length
        }
    }

    mutating func append(string text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private mutating func makeRoom(for more: Int) {
        if storage.count - count < more { grow(by: more) }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(storage.count * 2, count + more), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = larger
    }
}
