/// A record's allowlist as it stands in the record: 17 bytes a block.
struct PackedAddresses {
    static let size = 17
    let bytes: UnsafeRawBufferPointer

    var indices: Range<Int> { 0..<bytes.count / Self.size }

    subscript(index: Int) -> CIDRBlock {
        let (address, prefixLength) = block(index)
        return CIDRBlock(known: address, prefixLength: prefixLength)
    }

    func contain(_ address: IPAddress) -> Bool {
        for index in indices {
            let (start, prefixLength) = block(index)
            if CIDRBlock(known: start, prefixLength: prefixLength).contains(address) { return true }
        }
        return false
    }

    static func append(_ block: CIDRBlock, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: block.address.high) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: block.address.low) { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(block.prefixLength))
    }

    private func block(_ index: Int) -> (IPAddress, Int) {
        let start = index * Self.size
        let high = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        let low = bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
        return (IPAddress(v6: high, low: low), Int(bytes[start + 16]))
    }
}

/// A record's labels as they stand in the record: each text after its length in four bytes.
struct PackedLabels {
    let bytes: UnsafeRawBufferPointer

    var all: [(key: String, value: String)] {
        var labels: [(key: String, value: String)] = []
        var position = 0
        while position < bytes.count {
            let key = text(at: &position)
            labels.append((key: key, value: text(at: &position)))
        }
        return labels
    }

    /// As many labels as have room.
    static func bytes(_ labels: [(key: String, value: String)], atMost limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for label in labels where bytes.count + 8 + label.key.utf8.count + label.value.utf8.count <= limit {
            for text in [label.key, label.value] {
                withUnsafeBytes(of: UInt32(text.utf8.count)) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }

    private func text(at position: inout Int) -> String {
        let count = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        defer { position += 4 + count }
        return String(decoding: bytes[(position + 4)..<(position + 4 + count)], as: UTF8.self)
    }
}
