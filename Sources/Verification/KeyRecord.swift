/// Everything that deciding about a key and answering for it needs. Facts only, never a decision: address,
/// permission and time are looked at afresh on every request.
///
/// One reference to one block of memory: what is the key's own stands in it as bytes, and the rest in `SharedFacts`.
public struct KeyRecord: @unchecked Sendable {
    // Sound, because a block is written while it is made and never afterwards.
    let block: ManagedBuffer<Own, UInt8>

    init(block: ManagedBuffer<Own, UInt8>) { self.block = block }

    /// The fixed part. What a decision looks at first stands first, so that it shares a line of the processor's cache.
    struct Own {
        let words: FourWords
        /// In microseconds; `Int64.max` for never.
        let expiresAt: Int64
        let facts: SharedFacts
        let id: KeyID
        let nameLength: UInt16
        let labelsLength: UInt16
        let addressCount: UInt16
        let previewLength: UInt8
        let flags: UInt8
    }

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
        tail.append(contentsOf: name)
        tail.append(contentsOf: preview)
        for block in addresses { PackedAddresses.append(block, to: &tail) }
        let packedLabels = PackedLabels.bytes(labels, atMost: Int(UInt16.max))
        tail.append(contentsOf: packedLabels)
        let own = Own(
            words: digest.words, expiresAt: expiresAt?.microseconds ?? .max, facts: facts, id: id,
            nameLength: UInt16(name.count), labelsLength: UInt16(packedLabels.count),
            addressCount: UInt16(addresses.count), previewLength: UInt8(preview.count),
            flags: (isRevoked ? Self.revoked : 0) | (isDisabled ? Self.disabled : 0)
                | (overlapEndsAt == nil ? 0 : Self.rotatedOut))
        block = .create(minimumCapacity: tail.count) { _ in own }
        // The capacity is the tail's, and `UInt8` needs no deinitialization.
        block.withUnsafeMutablePointerToElements { start in
            tail.withUnsafeBufferPointer { bytes in
                if let first = bytes.baseAddress { start.initialize(from: first, count: bytes.count) }
            }
        }
    }

    public var id: KeyID { own(\.pointee.id) }
    public var facts: SharedFacts { own(\.pointee.facts) }
    public var organization: OrganizationFacts { own(\.pointee.facts).organization }
    public var digest: StoredDigest {
        StoredDigest(words: own(\.pointee.words), pepperID: own(\.pointee.facts).pepperID)
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
    public var grantedTexts: [String] { own(\.pointee.facts).grantedTexts }
    public var permissions: PermissionSet { own(\.pointee.facts).permissions }
    public var ceiling: PermissionSet? { own(\.pointee.facts).ceiling }
    public var createdBy: Creator { own(\.pointee.facts).createdBy }
    public var rateLimit: RateLimitPolicy { own(\.pointee.facts).rateLimit }
    public var allowedAddresses: [CIDRBlock] { withAddresses { addresses in addresses.indices.map { addresses[$0] } } }
    public var labels: [(key: String, value: String)] { withLabels { $0.all } }

    private func own<Value>(_ part: (UnsafeMutablePointer<Own>) -> Value) -> Value {
        Self.own(block, part)
    }

    // Not `block.header`, whose every access the runtime would note down to find overlapping ones; nothing writes here.
    private static func own<Value>(
        _ block: ManagedBuffer<Own, UInt8>, _ part: (UnsafeMutablePointer<Own>) -> Value
    ) -> Value {
        block.withUnsafeMutablePointerToHeader(part)
    }

    static func words(of block: ManagedBuffer<Own, UInt8>) -> FourWords { own(block, \.pointee.words) }

    static func isNamed(_ block: ManagedBuffer<Own, UInt8>, _ words: FourWords, pepperID: String?) -> Bool {
        own(block) { $0.pointee.words == words && $0.pointee.facts.pepperID == pepperID }
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
        withTail(from: addressesStart + addressBytes, count: labelsLength) {
            body(PackedLabels(bytes: UnsafeRawBufferPointer($0)))
        }
    }

    private func has(_ flag: UInt8) -> Bool { own(\.pointee.flags) & flag != 0 }

    private var nameStart: Int { has(Self.rotatedOut) ? 8 : 0 }
    private var nameLength: Int { Int(own(\.pointee.nameLength)) }
    private var previewLength: Int { Int(own(\.pointee.previewLength)) }
    private var labelsLength: Int { Int(own(\.pointee.labelsLength)) }
    private var addressesStart: Int { nameStart + nameLength + previewLength }
    private var addressBytes: Int { Int(own(\.pointee.addressCount)) * PackedAddresses.size }

    /// What the block takes of the heap, in bytes: a class's two words, the fixed part, the tail and the allocator's
    /// own word, in steps of 16.
    var byteCount: Int {
        (16 + MemoryLayout<Own>.size + addressesStart + addressBytes + labelsLength + 8 + 15) & ~15
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
