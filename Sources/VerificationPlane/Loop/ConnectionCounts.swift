import Synchronization

/// How many connections there are over all event loops, and may be.
final class ConnectionCounts: Sendable {
    private let limit: Int
    private let openNow = Atomic(0)
    private let acceptedInAll = Atomic(0)
    private let refusedInAll = Atomic(0)

    init(limit: Int) { self.limit = limit }

    var open: Int { openNow.load(ordering: .relaxed) }
    var accepted: Int { acceptedInAll.load(ordering: .relaxed) }
    var refused: Int { refusedInAll.load(ordering: .relaxed) }

    /// False for a connection over the limit.
    func admit() -> Bool {
        guard openNow.add(1, ordering: .relaxed).newValue <= limit else {
            openNow.subtract(1, ordering: .relaxed)
            refusedInAll.add(1, ordering: .relaxed)
            return false
        }
        acceptedInAll.add(1, ordering: .relaxed)
        return true
    }

    func remove() { openNow.subtract(1, ordering: .relaxed) }
}
