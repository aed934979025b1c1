/// Everything that deciding about a key and answering for it needs. Facts only, never a decision: address,
/// permission and time are looked at afresh on every request.
///
/// One reference to one block of memory: what is the key's own stands in it as bytes, and the rest in `SharedFacts`.
public struct KeyRecord: @unchecked Sendable {
    // Sound, because a block is written while it is made and never afterwards.
    let block: Block

    init(block: Block) { self.block = block }

    /// The fixed part. What a decision looks at stands first and is followed by the addresses, so that it takes as few
    /// lines of the processor's cache as it can.
    struct Own {
        let words: FourWords
        /// In microseconds; `Int64.max` for never.
        let expiresAt: Int64
        /// With a count of the block's own.
        let facts: Unmanaged<SharedFacts>
        let nameLength: UInt16
        let labelsLength: UInt16
        let addressCount: UInt16
        let previewLength: UInt8
        let flags: UInt8
        let id: KeyID
    }

    final class Block: ManagedBuffer<Own, UInt8> {
        deinit { withUnsafeMutablePointerToHeader { $0.pointee.facts.release() } }
    }

    /// How far from its start a block with one address is looked at: an object's two words, the fixed part without the
    /// identifier at its end, and the address.
    static let lookedAt = 16 + MemoryLayout<Own>.size + PackedAddresses.size

    private static let revoked: UInt8 = 1
    private static let disabled: UInt8 = 2
    /// Its end stands in the tail's first eight bytes.
    private static let rotatedOut: UInt8 = 4

    /// - Parameters:
    ///   - expiresAt: the first moment at which the key is no longer good.
    ///   - overlapEndsAt: for a key that has been rotated out: revoked from this moment on.
    ///   - allowedAddresses: empty for any.
    ///   - labels: sorted by key.
    public init(
        id: KeyID, facts: SharedFacts, digest: StoredDigest, name: String, preview: String, isRevoked: Bool,
        isDisabled: Bool, expiresAt: Timestamp?, overlapEndsAt: Timestamp?, allowedAddresses: [CIDRBlock],
        labels: [(key: String, value: String)]
    ) {
        // The edges take no texts or lists that come near what the lengths can say.
        var tail: [UInt8] = []
        if let overlapEndsAt { withUnsafeBytes(of: overlapEndsAt.microseconds) { tail.append(contentsOf: $0) } }
        let name = name.utf8.prefix(Int(UInt16.max))
        let preview = preview.utf8.prefix(Int(UInt8.max))
        let addresses = allowedAddresses.prefix(Int(UInt16.max))
        for block in addresses { PackedAddresses.append(block, to: &tail) }
        tail.append(contentsOf: name)
        tail.append(contentsOf: preview)
        let packedLabels = PackedLabels.bytes(labels, atMost: Int(UInt16.max))
        tail.append(contentsOf: packedLabels)
        let own = Own(
            words: digest.words, expiresAt: expiresAt?.microseconds ?? .max, facts: .passRetained(facts),
            nameLength: UInt16(name.count), labelsLength: UInt16(packedLabels.count),
            addressCount: UInt16(addresses.count), previewLength: UInt8(preview.count),
            flags: (isRevoked ? Self.revoked : 0) | (isDisabled ? Self.disabled : 0)
                | (overlapEndsAt == nil ? 0 : Self.rotatedOut),
            id: id)
        // `create` makes an object of the class that it is called on.
        block = unsafeDowncast(Block.create(minimumCapacity: tail.count) { _ in own }, to: Block.self)
        // The capacity is the tail's, and `UInt8` needs no deinitialization.
        block.withUnsafeMutablePointerToElements { start in
            tail.withUnsafeBufferPointer { bytes in
                if let first = bytes.baseAddress { start.initialize(from: first, count: bytes.count) }
            }
        }
    }

    public var id: KeyID { own(\.pointee.id) }
    public var facts: SharedFacts { withFacts { $0 } }
    public var organization: OrganizationFacts { withFacts { $0.organization } }
    public var digest: StoredDigest {
        StoredDigest(words: own(\.pointee.words), pepperID: withFacts { $0.pepperID })
    }
    public var name: String { withNameBytes { String(decoding: $0, as: UTF8.self) } }
    public var preview: String { withPreviewBytes { String(decoding: $0, as: UTF8.self) } }
    public var isRevoked: Bool { has(Self.revoked) }
    public var isDisabled: Bool { has(Self.disabled) }
    public var expiresAt: Timestamp? {
        let end = own(\.pointee.expiresAt)
        return end == .max ? nil : Timestamp(microseconds: end)
    }
    public var overlapEndsAt: Timestamp? {
        guard has(Self.rotatedOut) else { return nil }
        return withTail(from: 0, count: 8) {
            Timestamp(microseconds: UnsafeRawBufferPointer($0).loadUnaligned(as: Int64.self))
        }
    }
    public var grantedTexts: [String] { withFacts { $0.grantedTexts } }
    public var permissions: PermissionSet { withFacts { $0.permissions } }
    public var ceiling: PermissionSet? { withFacts { $0.ceiling } }
    public var createdBy: Creator { withFacts { $0.createdBy } }
    public var rateLimit: RateLimitPolicy { withFacts { $0.rateLimit } }
    public var allowedAddresses: [CIDRBlock] { withAddresses { addresses in addresses.indices.map { addresses[$0] } } }
    public var labels: [(key: String, value: String)] { withLabels { $0.all } }

    private func own<Value>(_ part: (UnsafeMutablePointer<Own>) -> Value) -> Value {
        Self.own(block, part)
    }

    /// The facts without a count of one's own, which all processors would write to: the block holds them.
    func withFacts<Value>(_ body: (SharedFacts) -> Value) -> Value {
        own { $0.pointee.facts._withUnsafeGuaranteedRef(body) }
    }

    /// Shows the forms of the record's facts.
    public func withForms(_ make: (SharedFacts) -> SharedFacts.Forms, _ use: (SharedFacts.Forms) -> Void) {
        withFacts { $0.withForms(make, use) }
    }

    // Not `block.header`, whose every access the runtime would note down to find overlapping ones; nothing writes here.
    private static func own<Value>(_ block: Block, _ part: (UnsafeMutablePointer<Own>) -> Value) -> Value {
        block.withUnsafeMutablePointerToHeader(part)
    }

    static func words(of block: Block) -> FourWords { own(block, \.pointee.words) }

    static func isNamed(_ block: Block, _ words: FourWords, pepperID: String?) -> Bool {
        own(block) { own in
            own.pointee.words == words && own.pointee.facts._withUnsafeGuaranteedRef { $0.isUnder(pepperID) }
        }
    }
}

extension KeyRecord {
    public func withNameBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withTail(from: nameStart, count: nameLength, body)
    }

    public func withPreviewBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withTail(from: nameStart + nameLength, count: previewLength, body)
    }

    func withAddresses<Result>(_ body: (PackedAddresses) -> Result) -> Result {
        withTail(from: addressesStart, count: addressBytes) {
            body(PackedAddresses(bytes: UnsafeRawBufferPointer($0)))
        }
    }

    var hasAddresses: Bool { own(\.pointee.addressCount) > 0 }
    public var hasLabels: Bool { own(\.pointee.labelsLength) > 0 }

    private func withLabels<Result>(_ body: (PackedLabels) -> Result) -> Result {
        withTail(from: labelsStart, count: labelsLength) {
            body(PackedLabels(bytes: UnsafeRawBufferPointer($0)))
        }
    }

    private func has(_ flag: UInt8) -> Bool { own(\.pointee.flags) & flag != 0 }

    private var addressesStart: Int { has(Self.rotatedOut) ? 8 : 0 }
    private var nameLength: Int { Int(own(\.pointee.nameLength)) }
    private var previewLength: Int { Int(own(\.pointee.previewLength)) }
    private var labelsLength: Int { Int(own(\.pointee.labelsLength)) }
    private var nameStart: Int { addressesStart + addressBytes }
    private var labelsStart: Int { nameStart + nameLength + previewLength }
    private var addressBytes: Int { Int(own(\.pointee.addressCount)) * PackedAddresses.size }

    /// What the block takes of the heap, in bytes: a class's two words, the fixed part, the tail and the allocator's
    /// own word, in steps of 16.
    var byteCount: Int {
        (16 + MemoryLayout<Own>.size + labelsStart + labelsLength + 8 + 15) & ~15
    }

    // Within the tail by the lengths that were computed when it was written.
    private func withTail<Result>(
        from start: Int, count: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        block.withUnsafeMutablePointerToElements { body(UnsafeBufferPointer(start: $0 + start, count: count)) }
    }
}

extension KeyRecord {
    /// The same, for records that share their facts with no other.
    public init(
        id: KeyID, organization: OrganizationFacts, digest: StoredDigest, name: String, preview: String,
        isRevoked: Bool, isDisabled: Bool, expiresAt: Timestamp?, overlapEndsAt: Timestamp?, grantedTexts: [String],
        permissions: PermissionSet, ceiling: PermissionSet?, allowedAddresses: [CIDRBlock], createdBy: Creator,
        labels: [(key: String, value: String)], rateLimit: RateLimitPolicy
    ) {
        self.init(
            id: id,
            facts: SharedFacts(
                organization: organization, grantedTexts: grantedTexts, permissions: permissions, ceiling: ceiling,
                createdBy: createdBy, rateLimit: rateLimit, pepperID: digest.pepperID),
            digest: digest, name: name, preview: preview, isRevoked: isRevoked, isDisabled: isDisabled,
            expiresAt: expiresAt, overlapEndsAt: overlapEndsAt, allowedAddresses: allowedAddresses, labels: labels)
    }
}
