import KeybearerCluster

/// What is committed, and what the database is suffering from. Its statements are steps of their own, so that
/// anything may happen between the parts of one transaction.
final class SimulatedDatabase {
    struct Row {
        let id: NodeID
        var renewal: Int64 = 0
        var acknowledged: Int64 = 0
        let lease: Span
        var isDead = false
        var isLocked = false
    }

    private(set) var log: [SimulatedRow] = []
    var rows: [Row] = []
    /// Rows of the log up to here have been removed; never the newest.
    var trimmed: Int64 = 0
    /// A row that somebody has damaged on the disk.
    var damaged: Int64?
    /// Counts crashes and failovers; a transaction does not survive one.
    var boot = 0
    var timeline = 1
    /// It does nothing before then.
    var stalledUntil: Int64 = 0
    /// Commits wait for the standby until then.
    var standbyIsBackAt: Int64 = 0
    /// Somebody else holds the log's lock until then.
    var logIsLockedUntil: Int64 = 0
    /// While the standby is away: commits after this one exist on the primary alone.
    private var replicated: Int64?

    func loseStandby(at time: Int64, until end: Int64) {
        if standbyIsBackAt <= time { replicated = nil }
        standbyIsBackAt = max(standbyIsBackAt, end)
    }

    func cancelWait() { replicated = replicated ?? head }

    /// The last change that another server would have.
    func durable(at time: Int64) -> Int64 {
        if standbyIsBackAt <= time { replicated = nil }
        return min(head, replicated ?? head)
    }

    var head: Int64 { Int64(log.count) }
    var place: Position<UInt64> { Position(revision: head, link: log.last?.link ?? 0) }

    func append(key: Int, denies: Bool) -> Int64 {
        log.append(SimulatedRow(revision: head + 1, key: key, denies: denies, behind: place.link))
        return head
    }

    /// The rows from a revision on, that one included, as far as they can be read.
    func rows(from revision: Int64) -> [SimulatedRow] {
        log.dropFirst(Int(max(0, revision - 1, trimmed))).map { $0.revision == damaged ? $0.damaged : $0 }
    }

    /// Whether a key is refused, by the newest change of it.
    func isDenied(_ key: Int) -> Bool { log.last { $0.key == key }?.denies ?? false }

    /// A key as one statement saw it.
    struct KeyState {
        let isDenied: Bool
        /// Of the newest change of it.
        let revision: Int64
        let timeline: Int
    }

    func state(of key: Int) -> KeyState {
        let row = log.last { $0.key == key }
        return KeyState(isDenied: row?.denies ?? false, revision: row?.revision ?? 0, timeline: timeline)
    }

    func holds(_ place: Position<UInt64>) -> Bool {
        place.revision == 0 || place.revision <= head && log[Int(place.revision - 1)].link == place.link
    }

    func position(of id: NodeID) -> Int? { rows.firstIndex { $0.id == id } }

    func crash() {
        boot += 1
        for index in rows.indices { rows[index].isLocked = false }
    }

    /// Another server takes over, which lacks the changes after a revision and may lack nodes.
    func failOver(keeping revision: Int64, _ rows: [Row]) {
        crash()
        timeline += 1
        log.removeLast(Int(head - min(head, revision)))
        self.rows = rows
        replicated = nil
        if let row = damaged, row > head { damaged = nil }
        trimmed = max(0, min(trimmed, head - 1))
        for index in self.rows.indices {
            self.rows[index].isLocked = false
            self.rows[index].acknowledged = min(self.rows[index].acknowledged, head)
        }
    }

    /// What others read of the nodes.
    var living: [NodeRow] {
        rows.filter { !$0.isDead }.map {
            NodeRow(id: $0.id, renewal: $0.renewal, acknowledged: $0.acknowledged, lease: $0.lease)
        }
    }
}
