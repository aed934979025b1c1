import Dispatch
import KeybearerVerification
import Logging
import Synchronization

/// Counts on their way from the meter to the store.
final class UsageBacklog: Sendable {
    private let waiting = Mutex(UsageBatch())
    /// Sorting the counts of 100,000 keys takes a tenth of a second, which Swift's own threads must not be busy for: on one
    /// processor there is one of them, and verifications that have to ask the store wait for it.
    private let sorting = DispatchQueue(label: "keybearer.usage", qos: .utility)

    /// Takes in what the meter has counted.
    func drain(_ meter: UsageMeter) async {
        await withCheckedContinuation { done in
            sorting.async { [self] in
                add(meter.drain())
                done.resume()
            }
        }
    }

    func add(_ batch: UsageBatch) {
        waiting.withLock { waiting in
            waiting.hourly += batch.hourly
            waiting.lastUsed += batch.lastUsed
            waiting.permissionUse += batch.permissionUse
            waiting.denials += batch.denials
            waiting.sort()
        }
    }

    /// At most so many of each sort, in the order of keys and, of one key, of time; empty when all is taken.
    func take(atMost count: Int) -> UsageBatch {
        waiting.withLock { waiting in
            var part = UsageBatch()
            part.hourly = waiting.hourly.removeAtMost(count)
            part.lastUsed = waiting.lastUsed.removeAtMost(count)
            part.permissionUse = waiting.permissionUse.removeAtMost(count)
            part.denials = waiting.denials.removeAtMost(count)
            return part
        }
    }

    /// A transaction of the store is short, so that changes by people never wait long behind counts.
    private static let mostAtOnce = 500
    /// Between two transactions, so that writing counts takes a tenth of a processor at most, however many keys are in
    /// use. The interval of writing grows with their number instead.
    private static let pauseFactor = 9

    /// Has everything written, in parts.
    ///
    /// - Parameter gently: with pauses. Ends when the calling task is cancelled; what is left then waits for the writing
    ///   that the program ends with.
    func empty<Time: Clock<Duration>>(
        gently: Bool, by clock: Time, _ write: (UsageBatch) async -> Void
    ) async {
        while true {
            let part = take(atMost: Self.mostAtOnce)
            guard !part.isEmpty else { return }
            let begin = clock.now
            await write(part)
            let time = begin.duration(to: clock.now)
            guard gently else { continue }
            do { try await clock.sleep(for: time * Self.pauseFactor) } catch { return }
        }
    }

    /// All of one key's.
    func take(of key: KeyID) -> UsageBatch {
        waiting.withLock { waiting in
            var part = UsageBatch()
            part.hourly = waiting.hourly.remove { $0.key == key }
            part.lastUsed = waiting.lastUsed.remove { $0.key == key }
            part.permissionUse = waiting.permissionUse.remove { $0.key == key }
            part.denials = waiting.denials.remove { $0.key == key }
            return part
        }
    }
}

extension UsageBatch {
    /// Backwards, since parts are taken from the end. In the order of keys, which is that of the tables, a part touches
    /// few pages of the database; at random nearly one for each row.
    fileprivate mutating func sort() {
        hourly.sort { $0.key > $1.key }
        lastUsed.sort { $0.key > $1.key }
        permissionUse.sort { $0.key > $1.key }
        denials.sort { ($0.key, $0.at) > ($1.key, $1.at) }
    }
}

extension Array {
    fileprivate mutating func removeAtMost(_ count: Int) -> [Element] {
        let part = Array(suffix(count).reversed())
        removeLast(part.count)
        return part
    }

    fileprivate mutating func remove(where isTaken: (Element) -> Bool) -> [Element] {
        let part = filter(isTaken)
        if !part.isEmpty { removeAll(where: isTaken) }
        return part
    }
}

extension Administration {
    /// Writes what metering has gathered; on failure the sums are lost, and a line says so.
    ///
    /// - Parameter gently: with pauses, and no longer than until the calling task is cancelled.
    public func flushUsage(gently: Bool = false) async {
        await backlog.drain(meter)
        await backlog.empty(gently: gently, by: ContinuousClock()) { await write($0) }
    }

    /// Writes what is known of one key, whatever else waits.
    func flushUsage(of key: KeyID) async {
        await backlog.drain(meter)
        let part = backlog.take(of: key)
        if !part.isEmpty { await write(part) }
    }

    private func write(_ part: UsageBatch) async {
        // In a task of its own: a program that ends cancels its tasks, and a store gives up what a cancelled task asks for.
        await Task { [ledger, logger] in
            do {
                try await ledger.add(part)
            } catch {
                logger.error("usage counts of one interval were lost: the store did not take them: \(error)")
            }
        }.value
    }
}
