import Foundation

/// Reads what `git cat-file --batch` prints: a line with name, kind and size, the contents, a line's end.
final class ObjectStream {
    struct Header {
        let name: String
        let kind: String
        let size: Int
    }

    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private var position = 0
    private var filled = 0
    private var remaining = 0
    private var isInObject = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { buffer.deallocate() }

    /// The next object's header; what is left of the one before is passed over. nil at the end.
    ///
    /// - Throws: `CommandFailure` for output of another form.
    func next() throws -> Header? {
        if isInObject {
            while remaining > 0 {
                guard fill() else { throw Self.broken }
                let count = min(remaining, filled - position)
                position += count
                remaining -= count
            }
            guard fill() else { throw Self.broken }
            position += 1
            isInObject = false
        }
        while true {
            guard let line = try line() else { return nil }
            let parts = line.split(separator: " ")
            // An object that a partial clone does not have.
            if parts.count == 2, parts[1] == "missing" { continue }
            guard parts.count == 3, let size = Int(parts[2]), size >= 0 else { throw Self.broken }
            remaining = size
            isInObject = true
            return Header(name: String(parts[0]), kind: String(parts[1]), size: size)
        }
    }

    /// The current object's next bytes; 0 at its end, -1 where git's output ends too early.
    func read(into pointer: UnsafeMutableRawPointer, _ room: Int) -> Int {
        guard remaining > 0 else { return 0 }
        guard fill(), let base = buffer.baseAddress else { return -1 }
        let count = min(room, remaining, filled - position)
        pointer.copyMemory(from: base + position, byteCount: count)
        position += count
        remaining -= count
        return count
    }

    /// All that is left of the current object.
    func contents() -> [UInt8] {
        var bytes: [UInt8] = []
        while remaining > 0, fill() {
            let count = min(remaining, filled - position)
            bytes += buffer[position..<(position + count)]
            position += count
            remaining -= count
        }
        return bytes
    }

    private func line() throws -> String? {
        var bytes: [UInt8] = []
        while fill() {
            let byte = buffer[position]
            position += 1
            guard byte != 0x0a else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
            guard bytes.count < 4096 else { throw Self.broken }
        }
        guard bytes.isEmpty else { throw Self.broken }
        return nil
    }

    private func fill() -> Bool {
        guard position == filled else { return true }
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            (position, filled) = (0, max(0, count))
            return count > 0
        }
    }

    private static let broken = CommandFailure("git cat-file printed something unexpected")
}
