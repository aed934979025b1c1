import CVerification

/// CRC-32 as in IEEE 802.3, zlib and PNG: reflected, polynomial 0xEDB88320, initial and final inversion.
struct CRC32 {
    /// Before the final inversion.
    private(set) var register: UInt32 = 0xffff_ffff

    var value: UInt32 { ~register }

    mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        // The C function reads `count` bytes from `start`, which is what the buffer is.
        register = keybearer_crc32(register, start, bytes.count)
    }

    mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { update($0) } }
}
