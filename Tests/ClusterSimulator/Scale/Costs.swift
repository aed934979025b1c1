import KeybearerCluster

/// What things cost in the simulation of many nodes, in microseconds.
///
/// The database's were measured on PostgreSQL 15 with two cores, 12 writers and `fsync` on: 6,258 commits a second of
/// transactions that share no lock, 2,135 of transactions that hold the log's lock. What was not measured is charged
/// high, and says so.
struct Costs {
    var cores = 2
    /// Of a core, for a transaction of its own: two cores did 6,258 of them a second.
    var commit: Int64 = 320
    /// What a change holds the log's lock for: 2,135 a second.
    var logLock: Int64 = 468
    /// Until the disk has it, without a core. Assumed; several transactions wait together.
    var flush: Int64 = 1_000
    /// An acknowledgement does not wait for the disk. Charged like a whole commit all the same.
    var acknowledgement: Int64 = 320
    /// Assumed: a read of the nodes, and for each of its rows.
    var read: Int64 = 100
    var readRow: Int64 = 2
    /// Assumed: waking one listener.
    var notification: Int64 = 5
    /// Between a node and the database, there and back.
    var roundTrip: Int64 = 1_000
    var losesNotifications = false
}

/// The database's processors, its log's lock, and how busy they were.
struct Station {
    private let costs: Costs
    private var free: [Int64]
    private var logIsFree: Int64 = 0
    private(set) var busy: Int64 = 0
    private(set) var commits = 0
    private(set) var reads = 0
    private(set) var rows = 0
    private(set) var changes = 0

    init(_ costs: Costs) {
        self.costs = costs
        free = Array(repeating: 0, count: costs.cores)
    }

    /// - Returns: when a core has spent that time on what arrived now, after all that arrived before.
    private mutating func spend(_ time: Int64, _ now: Int64) -> Int64 {
        var first = 0
        for core in free.indices where free[core] < free[first] { first = core }
        free[first] = max(free[first], now) + time
        busy += time
        return free[first]
    }

    mutating func commit(_ now: Int64, _ random: inout Randomness) -> Int64 {
        commits += 1
        rows += 1
        let spent = random.number(costs.commit / 2...costs.commit * 3 / 2)
        return spend(spent, now) + random.number(costs.flush / 2...costs.flush * 3 / 2)
    }

    mutating func acknowledge(_ now: Int64, _ random: inout Randomness) -> Int64 {
        commits += 1
        return spend(random.number(costs.acknowledgement / 2...costs.acknowledgement * 3 / 2), now)
    }

    mutating func change(_ now: Int64, listeners: Int) -> Int64 {
        changes += 1
        commits += 1
        logIsFree = max(now, logIsFree) + costs.logLock
        _ = spend(costs.commit + costs.notification * Int64(listeners), now)
        return logIsFree
    }

    mutating func read(_ now: Int64, rows count: Int) -> Int64 {
        reads += 1
        rows += count
        return spend(costs.read + costs.readRow * Int64(count), now)
    }
}
