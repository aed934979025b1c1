/// Everything that deciding about a key and answering for it needs. Facts only, never a decision: address,
/// permission and time are looked at afresh on every request.
///
/// What a decision looks at is a value, which in a table has a line of the processor's cache with the key's counts. The
/// rest of what is the key's own stands in a block of memory as bytes, and what keys share in `SharedFacts`.
public struct KeyRecord: @unchecked Sendable {
    // Sound, because a block is written while it is made and never afterwards, and its holder keeps it.
    let own: Own
    /// The block itself, or what keeps the blocks of a table (`RecordEra`): a hit then counts nothing in the block, whose
    /// memory is far.
    ///
    /// Kept for the length of each reading by `_fixLifetime`: `extendLifetime` is a call of a function, and
    /// `withExtendedLifetime` copies what its closure uses.
    private let holder: AnyObject

    init(own: Own, heldBy holder: AnyObject) {
        self.own = own
        self.holder = holder
    }

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
        let addresses = allowedAddresses.prefix(Int(UInt16.max))
        let first = addresses.first.flatMap { $0.address.isIPv4 ? $0 : nil }
        let more = first == nil ? addresses : addresses.dropFirst()
        let tail = Block.Tail(overlapEndsAt, more, name, preview, labels)
        let block = Block.make(id, facts, digest, tail)
        var flags: UInt64 = 0
        if isRevoked { flags |= Own.revoked }
        if isDisabled { flags |= Own.disabled }
        if overlapEndsAt != nil { flags |= Own.rotatedOut }
        if !more.isEmpty { flags |= Own.hasMoreAddresses }
        own = Own(
            name: RecordName(digest.words), expiresAt: expiresAt?.microseconds ?? .max, facts: .passUnretained(facts),
            block: .passUnretained(block), flags: flags, address: first)
        holder = block
    }

    public var id: KeyID { withRest { $0.id } }
    public var facts: SharedFacts { withFacts { $0 } }
    public var organization: OrganizationFacts { withFacts { $0.organization } }
    public var digest: StoredDigest {
        StoredDigest(words: own.name.words(w2: withRest { $0.w2 }), pepperID: withFacts { $0.pepperID })
    }
    public var name: String { withNameBytes { String(decoding: $0, as: UTF8.self) } }
    public var preview: String { withPreviewBytes { String(decoding: $0, as: UTF8.self) } }
    public var isRevoked: Bool { own.isRevoked }
    public var isDisabled: Bool { own.isDisabled }
    public var expiresAt: Timestamp? { own.end }
    public var overlapEndsAt: Timestamp? { kept { $0.overlapEndsAt } }
    public var grantedTexts: [String] { withFacts { $0.grantedTexts } }
    public var permissions: PermissionSet { withFacts { $0.permissions } }
    public var ceiling: PermissionSet? { withFacts { $0.ceiling } }
    public var createdBy: Creator { withFacts { $0.createdBy } }
    public var rateLimit: RateLimitPolicy { withFacts { $0.rateLimit } }
    public var allowedAddresses: [CIDRBlock] {
        let more = kept { $0.withMoreAddresses { addresses in addresses.indices.map { addresses[$0] } } }
        return (own.address.map { [$0] } ?? []) + more
    }
    public var labels: [(key: String, value: String)] {
        withTail {
            $0.labels
        } _: {
            PackedLabels(bytes: UnsafeRawBufferPointer($0)).all
        }
    }
    public var hasLabels: Bool { withRest { $0.labelsLength > 0 } }
    var hasAddresses: Bool { own.hasAddresses }

    /// Whether the allowlist, where there is one, has the address.
    func allows(_ address: IPAddress?) -> Bool { kept { $0.allows(address) } }

    /// What it says to the request, see `Own.judge`.
    func judge(_ request: AccessRequest, _ now: Timestamp) -> (verdict: Verdict, granted: Int?) {
        kept { $0.judge(request, now) }
    }

    /// The facts without a count of one's own, which all processors would write to: the block holds them.
    func withFacts<Value>(_ body: (SharedFacts) -> Value) -> Value { kept { $0.withFacts(body) } }

    /// What a decision looks at, for as long as what it refers to is kept.
    private func kept<Value>(_ body: (borrowing Own) -> Value) -> Value {
        defer { _fixLifetime(holder) }
        return body(own)
    }

    /// Shows the forms of the record's facts.
    public func withForms(_ make: (SharedFacts) -> SharedFacts.Forms, _ use: (SharedFacts.Forms) -> Void) {
        withFacts { $0.withForms(make, use) }
    }

    public func withNameBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withTail({ $0.name }, body)
    }

    public func withPreviewBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withTail({ $0.preview }, body)
    }

    /// What the block takes of the heap, in bytes: its content and the allocator's own word, in steps of 16.
    var byteCount: Int { withRest { (16 + MemoryLayout<Block.Rest>.size + $0.labels.upperBound + 8 + 15) & ~15 } }

    private func withRest<Value>(_ body: (borrowing Block.Rest) -> Value) -> Value {
        kept { $0.block._withUnsafeGuaranteedRef { $0.withRest(body) } }
    }

    private func withTail<Result>(
        _ part: (borrowing Block.Rest) -> Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        kept { $0.withTail(part, body) }
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
