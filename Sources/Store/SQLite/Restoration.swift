import Foundation
import GRDB
import KeybearerAdministration

/// Puts a backup in a database's place. What was revoked since the backup stays revoked.
public struct Restoration: Sendable {
    private let path: String
    private let backup: String

    public init(path: String, backup: String) {
        self.path = path
        self.backup = backup
    }

    /// - Parameters:
    ///   - revocations: another database to take revocations from; nil takes them from the one to be replaced.
    ///   - acceptResurrection: go on where there is neither.
    ///   - progress: steps done and steps in all.
    /// - Returns: how many keys of the backup were ended because they had been ended since.
    /// - Throws: `StoreError`; the database is then as it was.
    public func run(revocations: String?, acceptResurrection: Bool, progress: (Int64, Int64) -> Void) throws -> Int {
        guard FileManager.default.fileExists(atPath: backup) else {
            throw StoreError.refused("\(backup) does not exist: name a file that `keybearer backup` made")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let isReplacing = FileManager.default.fileExists(atPath: path)
        // What cannot be read is the likeliest reason for a restore, and has no revocations to give.
        let source = revocations ?? (isReplacing && Self.isReadable(path) ? path : nil)
        guard source != nil || acceptResurrection else {
            throw StoreError.refused(
                "there is no readable database to take later revocations from: name one with --revocations FILE, or accept that revoked keys may work again with --accept-resurrection"
            )
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError.cannotWrite(path: folder)
        }
        let lock = try FileLock(path: path + ".lock")
        defer { withExtendedLifetime(lock) {} }
        let incoming = path + ".incoming"
        func discard() { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(incoming + suffix) } }
        discard()
        // What was not put in place must not stay behind; after the rename there is nothing left to discard.
        defer { discard() }
        progress(0, 4)
        let carried = try prepare(incoming, source: source)
        progress(2, 4)
        if isReplacing { try setAside() }
        guard rename(incoming, path) == 0 else { throw StoreError.cannotWrite(path: path) }
        try FileSync.settle(folder)
        progress(4, 4)
        return carried
    }

    private static func isReadable(_ path: String) -> Bool {
        do {
            let database = try SQLiteDatabase(path: path, mode: .local)
            defer { withExtendedLifetime(database) {} }
            return try database.pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check") } == "ok"
        } catch {
            return false
        }
    }

    /// A checked copy of the backup with the later revocations in it.
    private func prepare(_ incoming: String, source: String?) throws -> Int {
        do {
            let original = try DatabaseQueue(path: backup, configuration: Self.reading)
            guard try original.read({ try String.fetchOne($0, sql: "PRAGMA integrity_check") }) == "ok" else {
                throw StoreError.refused("\(backup) is damaged: use another backup")
            }
            guard try original.read({ try $0.tableExists("api_key") }) else {
                throw StoreError.notADatabase(path: backup)
            }
            guard
                FileManager.default.createFile(
                    atPath: incoming, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw StoreError.cannotWrite(path: incoming) }
            try original.backup(to: DatabaseQueue(path: incoming))
            let copy = try SQLiteDatabase(path: incoming, mode: .local)
            let carried = try source.map { try Self.carryRevocations(from: $0, into: copy) } ?? 0
            try copy.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            try copy.pool.close()
            for suffix in ["-wal", "-shm"] { unlink(incoming + suffix) }
            try FileSync.settle(incoming)
            return carried
        } catch let error as DatabaseError {
            throw StoreError(error, path: backup)
        }
    }

    private static var reading: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return configuration
    }

    /// Ends in the copy every key that the source knows as ended, deleted organizations and disabled accounts
    /// among them, and continues its revisions.
    private static func carryRevocations(from source: String, into copy: SQLiteDatabase) throws -> Int {
        // Opened as a database of our own first: its log is taken in and its schema is brought up to date.
        let later = try SQLiteDatabase(path: source, mode: .local)
        try later.pool.close()
        return try copy.pool.writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH DATABASE ? AS later", arguments: [source])
            var carried = 0
            try database.inTransaction(.immediate) {
                try database.execute(
                    sql: """
                        UPDATE api_key SET (revoked_at, revoked_by, revoke_reason) =
                            (SELECT l.revoked_at, l.revoked_by, l.revoke_reason FROM later.api_key l WHERE l.id = api_key.id)
                        WHERE revoked_at IS NULL
                            AND id IN (SELECT id FROM later.api_key WHERE revoked_at IS NOT NULL)
                        """)
                carried = database.changesCount
                try database.execute(
                    sql: """
                        UPDATE api_key SET (successor, overlap_ends_at) =
                            (SELECT l.successor, l.overlap_ends_at FROM later.api_key l WHERE l.id = api_key.id)
                        WHERE overlap_ends_at IS NULL
                            AND id IN (SELECT id FROM later.api_key WHERE overlap_ends_at IS NOT NULL)
                        """)
                carried += database.changesCount
                try database.execute(
                    sql: """
                        UPDATE organization SET deleted_at =
                            (SELECT l.deleted_at FROM later.organization l WHERE l.id = organization.id)
                        WHERE deleted_at IS NULL
                            AND id IN (SELECT id FROM later.organization WHERE deleted_at IS NOT NULL)
                        """)
                try database.execute(
                    sql: """
                        UPDATE operator_token SET revoked_at =
                            (SELECT l.revoked_at FROM later.operator_token l WHERE l.id = operator_token.id)
                        WHERE revoked_at IS NULL
                            AND id IN (SELECT id FROM later.operator_token WHERE revoked_at IS NOT NULL)
                        """)
                try database.execute(
                    sql: """
                        UPDATE person SET is_disabled = 1
                        WHERE id IN (SELECT id FROM later.person WHERE is_disabled = 1)
                        """)
                // A session that was ended since must not come back either, and signing in again costs little.
                try database.execute(sql: "DELETE FROM session; DELETE FROM device_login")
                try database.execute(
                    sql: """
                        INSERT INTO change_log (seq, at, effect)
                        SELECT max(seq) + 1, max(at), 'everything' FROM (
                            SELECT seq, at FROM later.change_log UNION ALL SELECT seq, at FROM main.change_log)
                        HAVING max(seq) IS NOT NULL
                        """)
                return .commit
            }
            try database.execute(sql: "DETACH DATABASE later")
            return carried
        }
    }

    /// The replaced database stays beside the new one. It keeps its own name too until the new one takes that in one
    /// step, so that a crash leaves one of the two in place.
    private func setAside() throws {
        var name = path + ".replaced"
        var number = 1
        while FileManager.default.fileExists(atPath: name) {
            number += 1
            name = path + ".replaced-\(number)"
        }
        guard link(path, name) == 0 else { throw StoreError.cannotWrite(path: name) }
        for suffix in ["-wal", "-shm"] { rename(path + suffix, name + suffix) }
    }
}
