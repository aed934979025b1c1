/// Which digests there are, so that unknown ones cost no load.
extension RecordCache {
    /// Takes in the whole set: `read` passes every committed record to the function it is given, and what it read
    /// must not be older than the call of `fill`. If everything fits, unknown digests then cost no load.
    /// - Throws: what `read` throws; what it had passed on stays, and the set counts as incomplete.
    public func fill<Failure: Error>(
        _ read: (_ insert: @escaping @Sendable (KeyRecord) -> Void) async throws(Failure) -> Void
    ) async throws(Failure) {
        let fill = shards.map { $0.beginFill() }
        do throws(Failure) {
            try await read { [self] record in
                let index = index(of: record.digest)
                shards[index].insert(record, fill: fill[index])
                makeRoom(index)
            }
        } catch {
            for (shard, fill) in zip(shards, fill) { shard.abandonFill(fill) }
            throw error
        }
        for (shard, fill) in zip(shards, fill) { shard.finishFill(fill) }
    }

    /// Takes in which digests there are, where their records do not fit: `read` passes every committed one to the
    /// function it is given, whatever its pepper, and what it read must not be older than the call of `gather`. About
    /// one in 200 unknown digests then still costs a load, and what was known before counts until the end.
    ///
    /// - Parameter count: how many digests there are, about. They take 1.5 bytes each of what the cache may hold, but
    ///   no more than a quarter of it all; where that is too little, more unknown digests cost a load.
    /// - Throws: what `read` throws.
    public func gather<Failure: Error>(
        expecting count: Int,
        _ read: (_ insert: @escaping @Sendable (StoredDigest) -> Void) async throws(Failure) -> Void
    ) async throws(Failure) {
        // Digests are random: hardly any shard gets four standard deviations more than its share.
        let share = (Double(count) / Double(shards.count)).rounded(.up)
        let most = Int(share + 4 * share.squareRoot())
        let gathering = shards.indices.map { index in
            let number = shards[index].beginGathering(most)
            makeRoom(index)
            return number
        }
        do throws(Failure) {
            try await read { [self] digest in
                let index = index(of: digest)
                shards[index].gather(digest, gathering[index])
            }
        } catch {
            for (shard, gathering) in zip(shards, gathering) { shard.abandonGathering(gathering) }
            throw error
        }
        for (shard, gathering) in zip(shards, gathering) { shard.finishGathering(gathering) }
    }

    /// Whether the whole set is in memory, but for digests that have just changed.
    public var isComplete: Bool { shards.allSatisfy(\.isComplete) }

    /// Whether unknown digests cost no load, but for some: after `fill` or `gather`, until everything is invalidated.
    public var isKnown: Bool { shards.allSatisfy(\.isKnown) }

    /// Whether so many digests have come since the set was gathered that it had better be gathered again.
    public var isCrowded: Bool { shards.contains(where: \.isCrowded) }

    /// Whether a fill or a gathering that goes on can still come to something.
    public var isFilling: Bool { shards.allSatisfy(\.isFilling) }

    /// How many bytes there may be.
    public var capacityInBytes: Int { budget.capacityInBytes }

    /// For how many digests a filter has room in its part of the bytes.
    public var mostInFilter: Int { budget.mostInFilter }
}
