import KeybearerVerification
import Synchronization

/// Refused changes, aggregated so that a flood of them cannot fill the disk: the first of a kind in a minute is
/// an event at once, the others of that minute become one event with their number.
final class RefusalLog: Sendable {
    struct Kind: Hashable, Sendable {
        let chain: AuditChain
        let actor: String
        let via: String?
        let action: String
        let code: String
    }

    struct Repeats: Sendable {
        let kind: Kind
        let minute: Int64
        let address: IPAddress?
        var count: Int64
    }

    /// More kinds than this in a minute share one nameless event.
    static let capacity = 10_000

    private let pending = Mutex<[Kind: Repeats]>([:])

    /// Counts a refusal; true where it is the first of its kind in its minute and to be written now.
    func note(_ kind: Kind, address: IPAddress?, at now: Timestamp) -> Bool {
        let minute = now.seconds / 60
        return pending.withLock { pending in
            if var known = pending[kind], known.minute == minute {
                known.count += 1
                pending[kind] = known
                return false
            }
            if pending[kind] == nil && pending.count >= Self.capacity { return false }
            // A finished minute whose repeats were not flushed yet: they go with the new minute's.
            let carried = pending[kind]?.count ?? 0
            pending[kind] = Repeats(kind: kind, minute: minute, address: address, count: carried)
            return true
        }
    }

    /// Takes out the finished minutes, or everything; those without repeats are complete already.
    func drain(before now: Timestamp, all: Bool) -> [Repeats] {
        let minute = now.seconds / 60
        return pending.withLock { pending in
            let finished = pending.values.filter { all || $0.minute < minute }
            for entry in finished { pending[entry.kind] = nil }
            return finished.filter { $0.count > 0 }
        }
    }
}
