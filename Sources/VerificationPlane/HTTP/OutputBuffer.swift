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

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ byte: UInt8) {
        makeRoom(for: 1)
        storage[count] = byte
        count += 1
    }

    mutating func append(decimal value: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = value.magnitude
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 { append(UInt8(ascii: "-")) }
        makeRoom(for: 20)
        for index in first..<20 {
            storage[count] = digits[index]
            count += 1
        }
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private mutating func makeRoom(for more: Int) {
        guard storage.count - count < more else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(storage.count * 2, count + more), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = larger
    }
}
