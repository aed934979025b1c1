/// What names a record in a table: a digest's 256 bits in 192, the second word taken together with the third. Two digests
/// of the same name cannot be had without the record's own.
struct RecordName: Hashable, BitwiseCopyable {
    let w0: UInt64
    let w1w2: UInt64
    let w3: UInt64

    init(_ words: FourWords) {
        w0 = words.w0
        w1w2 = words.w1 ^ words.w2
        w3 = words.w3
    }

    func words(w2: UInt64) -> FourWords { FourWords(w0, w1w2 ^ w2, w2, w3) }
}

extension KeyRecord {
    /// What a decision looks at, in 52 bytes. Good while the block is kept.
    struct Own: BitwiseCopyable {
        let name: RecordName
        /// In microseconds; `Int64.max` for never.
        let expiresAt: Int64
        /// Held by the block.
        let facts: Unmanaged<SharedFacts>
        // The block's address in the 48 bits below but for the lowest four, which are flags; in the byte above it more
        // flags, and in the highest the prefix length of the first address.
        private var tagged: UInt64
        private let firstAddress: UInt32

        static let revoked: UInt64 = 1 << 48
        static let disabled: UInt64 = 1 << 49
        /// Its end stands in the tail's first eight bytes.
        static let rotatedOut: UInt64 = 1 << 50
        /// The first allowed address is of IPv4 and stands here.
        static let hasAddress: UInt64 = 1 << 51
        /// The tail has addresses.
        static let hasMoreAddresses: UInt64 = 1 << 52
        private static let used: UInt64 = 1 << 53
        private static let lengthShift: UInt64 = 56
        // An address of a 64-bit process has 48 bits at most, unless it asks the kernel for more.
        private static let blockBits: UInt64 = 1 << 48 - 1

        init(
            name: RecordName, expiresAt: Int64, facts: Unmanaged<SharedFacts>, block: Unmanaged<Block>, flags: UInt64,
            address: CIDRBlock?
        ) {
            self.name = name
            self.expiresAt = expiresAt
            self.facts = facts
            let place = UInt64(UInt(bitPattern: block.toOpaque()))
            precondition(place & ~Self.blockBits == 0, "an address of more than 48 bits")
            tagged = place | flags
            if let address { tagged |= Self.hasAddress | UInt64(address.prefixLength) << Self.lengthShift }
            firstAddress = address.map { UInt32(truncatingIfNeeded: $0.address.low) } ?? 0
        }

        /// Of zeros, which no record is.
        var isEmpty: Bool { tagged == 0 }

        func has(_ flag: UInt64) -> Bool { tagged & flag != 0 }

        var block: Unmanaged<Block> {
            // Never null: it was made of a block.
            guard let pointer = UnsafeRawPointer(bitPattern: UInt(tagged & Self.blockBits)) else {
                preconditionFailure("a record has a block")
            }
            return .fromOpaque(pointer)
        }

        var address: CIDRBlock? {
            guard has(Self.hasAddress) else { return nil }
            return CIDRBlock(known: IPAddress(v4: firstAddress), prefixLength: Int(tagged >> Self.lengthShift))
        }

        // Whether the address is of the block that stands here.
        private func allows(first address: IPAddress) -> Bool {
            guard has(Self.hasAddress), address.isIPv4 else { return false }
            // Shifts by 32 give 0, which is every address.
            let mask = ~UInt32(0) << (32 - UInt32(tagged >> Self.lengthShift))
            return (UInt32(truncatingIfNeeded: address.low) ^ firstAddress) & mask == 0
        }

        var isRevoked: Bool { has(Self.revoked) }
        var isDisabled: Bool { has(Self.disabled) }
        var end: Timestamp? { expiresAt == .max ? nil : Timestamp(microseconds: expiresAt) }
        var overlapEndsAt: Timestamp? {
            guard has(Self.rotatedOut) else { return nil }
            return withTail { _ in
                0..<8
            } _: {
                Timestamp(microseconds: UnsafeRawBufferPointer($0).loadUnaligned(as: Int64.self))
            }
        }
        var hasAddresses: Bool { tagged & (Self.hasAddress | Self.hasMoreAddresses) != 0 }

        /// Whether the allowlist, where there is one, has the address.
        func allows(_ address: IPAddress?) -> Bool {
            guard hasAddresses else { return true }
            guard let address else { return false }
            if allows(first: address) { return true }
            return has(Self.hasMoreAddresses) && withMoreAddresses { $0.contain(address) }
        }

        func withMoreAddresses<Result>(_ body: (PackedAddresses) -> Result) -> Result {
            withTail {
                $0.addresses
            } _: {
                body(PackedAddresses(bytes: UnsafeRawBufferPointer($0)))
            }
        }

        func withTail<Result>(
            _ part: (borrowing Block.Rest) -> Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
        ) -> Result {
            block._withUnsafeGuaranteedRef { $0.withTail(part, body) }
        }

        func withFacts<Value>(_ body: (SharedFacts) -> Value) -> Value { facts._withUnsafeGuaranteedRef(body) }

        /// Whether it was looked for since that was last forgotten.
        var wasUsed: Bool {
            get { has(Self.used) }
            set { tagged = newValue ? tagged | Self.used : tagged & ~Self.used }
        }
    }

    /// What an answer needs of a key beyond what a decision looks at.
    final class Block: ManagedBuffer<Block.Rest, UInt8> {
        struct Rest {
            let id: KeyID
            let w2: UInt64
            /// With a count of the block's own.
            let facts: Unmanaged<SharedFacts>
            let nameLength: UInt16
            let labelsLength: UInt16
            let moreAddressesLength: UInt16
            let previewLength: UInt8
            let hasOverlap: Bool

            var addresses: Range<Int> { range(from: hasOverlap ? 8 : 0, Int(moreAddressesLength)) }
            var name: Range<Int> { range(from: addresses.upperBound, Int(nameLength)) }
            var preview: Range<Int> { range(from: name.upperBound, Int(previewLength)) }
            var labels: Range<Int> { range(from: preview.upperBound, Int(labelsLength)) }

            private func range(from start: Int, _ count: Int) -> Range<Int> { start..<start + count }
        }

        deinit { withUnsafeMutablePointerToHeader { $0.pointee.facts.release() } }

        // Not `header`, whose every access the runtime would note down to find overlapping ones; nothing writes here.
        func withRest<Value>(_ body: (borrowing Rest) -> Value) -> Value {
            withUnsafeMutablePointerToHeader { body($0.pointee) }
        }

        // Within the tail by the lengths that were computed when it was written.
        func withTail<Result>(
            _ part: (borrowing Rest) -> Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
        ) -> Result {
            withUnsafeMutablePointers { rest, start in
                let range = part(rest.pointee)
                return body(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
            }
        }
    }
}

extension KeyRecord.Block {
    /// What stands behind the fixed part.
    struct Tail {
        let bytes: [UInt8]
        let hasOverlap: Bool
        let addressesLength: Int
        let nameLength: Int
        let previewLength: Int
        let labelsLength: Int

        init(
            _ overlapEndsAt: Timestamp?, _ addresses: some Collection<CIDRBlock>, _ name: String, _ preview: String,
            _ labels: [(key: String, value: String)]
        ) {
            var bytes: [UInt8] = []
            if let overlapEndsAt { withUnsafeBytes(of: overlapEndsAt.microseconds) { bytes.append(contentsOf: $0) } }
            let most = Int(UInt16.max) / PackedAddresses.size
            for block in addresses.prefix(most) { PackedAddresses.append(block, to: &bytes) }
            let name = name.utf8.prefix(Int(UInt16.max))
            let preview = preview.utf8.prefix(Int(UInt8.max))
            let labels = PackedLabels.bytes(labels, atMost: Int(UInt16.max))
            bytes.append(contentsOf: name)
            bytes.append(contentsOf: preview)
            bytes.append(contentsOf: labels)
            self.bytes = bytes
            hasOverlap = overlapEndsAt != nil
            addressesLength = min(addresses.count, most) * PackedAddresses.size
            nameLength = name.count
            previewLength = preview.count
            labelsLength = labels.count
        }
    }

    static func make(_ id: KeyID, _ facts: SharedFacts, _ digest: StoredDigest, _ tail: Tail) -> KeyRecord.Block {
        // `create` makes an object of the class that it is called on.
        let block = unsafeDowncast(
            create(minimumCapacity: tail.bytes.count) { _ in
                Rest(
                    id: id, w2: digest.words.w2, facts: .passRetained(facts), nameLength: UInt16(tail.nameLength),
                    labelsLength: UInt16(tail.labelsLength), moreAddressesLength: UInt16(tail.addressesLength),
                    previewLength: UInt8(tail.previewLength), hasOverlap: tail.hasOverlap)
            }, to: KeyRecord.Block.self)
        // The capacity is the tail's, and `UInt8` needs no deinitialization.
        block.withUnsafeMutablePointerToElements { start in
            tail.bytes.withUnsafeBufferPointer { bytes in
                if let first = bytes.baseAddress { start.initialize(from: first, count: bytes.count) }
            }
        }
        return block
    }
}
