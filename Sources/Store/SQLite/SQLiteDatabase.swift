import CSQLite
import Foundation
import GRDB
import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification
import Synchronization

/// The embedded driver: one file in WAL mode with `synchronous=FULL`, one writer, many readers.
public final class SQLiteDatabase: Sendable {
    public enum Mode: Sendable {
        /// The one process that serves the file.
        case server
        /// A command beside it or in its place.
        case local
    }

    public let path: String
    /// For what is no transaction of the store: the schema, backups, moves.
    let pool: DatabasePool
    private let lock: FileLock?
    // The store's transactions go over links: one that writes, and those that read, which are made when all others do.
    private let reading = Turns(concurrentReads)
    let queue = WriteQueue()
    let committing = Committing()
    private let idle = Mutex<[SQLiteLink]>([])
    private let writer = Mutex<SQLiteLink?>(nil)

    static let concurrentReads = 8
    static let busySeconds: Int32 = 10
    /// What was answered has to survive a loss of power (A36); GRDB's own choice in WAL mode is NORMAL, which may roll the
    /// last commits back.
    static let durability: StaticString = "PRAGMA synchronous = FULL"
    /// The log that a migration of many keys leaves behind gives its space back once it was checkpointed.
    static let logLimit: StaticString = "PRAGMA journal_size_limit = 67108864"

    /// Before the process first uses SQLite; later it changes nothing.
    private static let countsNoMemory = keybearer_sqlite_without_statistics() == SQLITE_OK

    /// Opens the file, makes it where it is missing, and brings its schema up to date.
    ///
    /// - Throws: `StoreError` with one line that says what to do.
    public init(path: String, mode: Mode) throws {
        self.path = path
        _ = Self.countsNoMemory
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError.cannotWrite(path: folder)
        }
        lock = mode == .server ? try FileLock(path: path + ".lock") : nil
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw StoreError.cannotWrite(path: path) }
        }
        guard FileManager.default.isWritableFile(atPath: path), FileManager.default.isWritableFile(atPath: folder)
        else { throw StoreError.cannotWrite(path: path) }
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration())
            try pool.writeWithoutTransaction { try $0.execute(sql: "\(Self.durability); \(Self.logLimit)") }
            try Self.migrate(pool, path: path)
        } catch let error as DatabaseError {
            throw StoreError(error, path: path)
        }
    }

    /// Whether a server holds the file at this moment.
    public static func isServed(path: String) -> Bool { FileLock.isHeld(path: path + ".lock") }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(TimeInterval(busySeconds))
        // GRDB's own choice has its threads preferred to all others where the process may do that.
        configuration.qos = .utility
        return configuration
    }

    private static func migrate(_ pool: DatabasePool, path: String) throws {
        try pool.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                let version = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                guard version <= Migrations.latest else {
                    throw StoreError.newerSchema(path: path, version: version)
                }
                for step in Migrations.steps.dropFirst(Int(version)) {
                    for statement in step { try database.execute(sql: "\(statement)") }
                }
                if version < Migrations.latest {
                    try database.execute(sql: "PRAGMA user_version = \(Migrations.latest)")
                }
                return .commit
            }
        }
    }
}

extension SQLiteDatabase: Database {
    func read<Result: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Result) async throws -> Result {
        try await withTaskExecutorPreference(FileThreads.shared) {
            await reading.take()
            defer { reading.end() }
            try Task.checkCancellation()
            let link = try idle.withLock { $0.popLast() } ?? SQLiteLink(path: path)
            defer { idle.withLock { $0.append(link) } }
            return try link.read(body)
        }
    }

    func glance<Result: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(FileThreads.shared) {
            guard queue.enterIfFree() else { return try await read(body) }
            defer { queue.leave() }
            try Task.checkCancellation()
            return try writingLink().read(body)
        }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Result,
        then committed: @escaping @Sendable (_ result: Result, _ isLast: Bool) -> Void
    ) async throws -> Result {
        try Task.checkCancellation()
        let write = Write(body, then: committed)
        await withTaskExecutorPreference(FileThreads.shared) {
            guard let batch = await queue.enter(write) else { return }
            var link: SQLiteLink?
            do {
                link = try writingLink()
                link?.write(batch.writes, committing)
            } catch {
                for write in batch.writes { write.fail(error) }
            }
            queue.tell(batch)
            leave(link)
        }
        return try write.result()
    }

    /// Nobody who has committed waits for a long log to be copied: neither their answer nor the verifications that have to
    /// know of it. Whoever writes next does.
    private func leave(_ link: SQLiteLink?) {
        guard let link, link.hasLongLog else { return queue.leave() }
        Task(executorPreference: FileThreads.shared) { [queue] in
            link.copyLog()
            queue.leave()
        }
    }

    /// - Throws: `DatabaseError`.
    private func writingLink() throws -> SQLiteLink {
        try writer.withLock { link in
            if let link { return link }
            let opened = try SQLiteLink(path: path)
            link = opened
            return opened
        }
    }
}

extension SQLiteDatabase {
    private static let changesBetweenPrunings: Int64 = 64

    func change<Result: Sendable>(
        at now: Timestamp, _ body: @escaping @Sendable (any Connection) throws -> (Result, [CacheEffect]),
        then committed: @escaping @Sendable (_ change: Changed<Result>, _ isLast: Bool) -> Void
    ) async throws -> Changed<Result> {
        try await write(
            { connection in
                let (result, effects) = try body(connection)
                let revision = try connection.log(effects, at: now)
                // Now and then: in every commit it would cost as much as what most of them write.
                let before = revision - Int64(max(1, effects.count))
                if revision / Self.changesBetweenPrunings != before / Self.changesBetweenPrunings {
                    try connection.pruneLog(before: now.adding(seconds: -86_400))
                }
                return Changed(result: result, place: LogPlace(revision: revision, link: []))
            }, then: committed)
    }
}
