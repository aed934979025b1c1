/// What a shard knows of the digests that exist: all of them, once a fill has read the whole set.
///
/// Either every one but the `unsure` is in the table, or, where something had to go or never came, every one is in the
/// filter. What changes is added to the filter, since it may have been created: too many digests in it cost a load each,
/// and one too few would be a key that is refused.
extension ShardState {
    /// Whether it can be said of most digests that have no record.
    var isKnown: Bool { isComplete || filter.isKnown }

    /// Whether a filter made anew would say it of many more.
    var isCrowded: Bool { !isComplete && filter.isCrowded && filter.capacity < mostInFilter }

    func absence(of digest: StoredDigest) -> RecordCache.Lookup {
        if isComplete && !unsure.contains(digest) { return .absent }
        return !filter.mayContain(RecordName(digest.words)) || absent.contains(digest) ? .absent : .miss
    }

    /// Counts the digest among those that may exist.
    mutating func mayExist(_ digest: StoredDigest) {
        let name = RecordName(digest.words)
        filter.add(name)
        gathered.add(name)
    }

    /// From now on not every record is in the table. Of which digests it was complete, a filter goes on saying.
    mutating func endCompleteness() {
        if isComplete {
            var summary = makeFilter(for: table.count + unsure.count)
            for position in table.positions { summary.add(table.name(at: position)) }
            for digest in unsure { summary.add(RecordName(digest.words)) }
            filter = consume summary
        }
        fill += 1
        isComplete = false
        isFilling = false
        unsure = []
        changedDuringFill = []
    }

    /// From now on any digest may exist.
    mutating func forgetSet() {
        isComplete = false
        endCompleteness()
        filter = DigestFilter()
        gathered = DigestFilter()
    }

    private func makeFilter(for count: Int) -> DigestFilter {
        var random = SystemRandomNumberGenerator()
        return DigestFilter(capacity: min(count, mostInFilter), seed: random.next(), budget: budget)
    }
}

extension ShardState {
    /// - Returns: the number of the fill.
    mutating func beginFill() -> UInt64 {
        endCompleteness()
        isFilling = true
        return fill
    }

    mutating func finishFill(_ number: UInt64) {
        guard fill == number, isFilling else { return }
        isFilling = false
        changedDuringFill = []
        isComplete = true
        // The table says the same, and surely.
        filter = DigestFilter()
        absent.removeAll()
    }

    /// - Parameter count: how many digests will come, as far as is known.
    /// - Returns: the number of the gathering.
    mutating func beginGathering(_ count: Int) -> UInt64 {
        gathered = makeFilter(for: count)
        gathering += 1
        return gathering
    }

    mutating func gather(_ digest: StoredDigest, _ number: UInt64) {
        if gathering == number { gathered.add(RecordName(digest.words)) }
    }

    mutating func finishGathering(_ number: UInt64) {
        guard gathering == number, gathered.isKnown else { return }
        swap(&filter, &gathered)
        gathered = DigestFilter()
    }

    mutating func abandonGathering(_ number: UInt64) {
        if gathering == number { gathered = DigestFilter() }
    }
}
