import Synchronization

/// The bytes that all shards of a cache share: its records, the facts that they have in common, each once, the tables
/// and the filters. Touched when a record comes or goes, never by a hit.
final class CacheBudget: Sendable {
    let capacityInBytes: Int
    private let used = Atomic(0)

    init(capacityInBytes: Int) { self.capacityInBytes = capacityInBytes }

    var byteCount: Int { used.load(ordering: .relaxed) }
    /// How many digests all filters together may have room for, in a quarter of the bytes.
    var mostInFilter: Int { capacityInBytes / 4 * 8 / DigestFilter.bitsPerDigest }

    var isExceeded: Bool { byteCount > capacityInBytes }

    /// Whether there is room for the record once all others have gone.
    func canHold(_ record: KeyRecord) -> Bool {
        record.byteCount + record.facts.approximateBytes <= capacityInBytes / 2
    }

    func add(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

    func add(_ record: KeyRecord) {
        let isFirst = record.facts.users.add(1, ordering: .relaxed).oldValue == 0
        add(record.byteCount + (isFirst ? record.facts.approximateBytes : 0))
    }

    func subtract(_ record: KeyRecord) {
        let isLast = record.facts.users.subtract(1, ordering: .relaxed).oldValue == 1
        add(-record.byteCount - (isLast ? record.facts.approximateBytes : 0))
    }
}
