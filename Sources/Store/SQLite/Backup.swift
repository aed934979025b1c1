import Foundation
import GRDB

extension SQLiteDatabase {
    /// Copies the database, consistent at one moment, while others read and write it.
    ///
    /// - Parameters:
    ///   - file: must not exist; it is readable by this user alone and on the disk when this returns.
    ///   - progress: pages done and pages in all.
    /// - Throws: `StoreError`.
    public func backup(to file: String, progress: @escaping (Int64, Int64) -> Void) throws {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw StoreError.refused("\(file) exists: name a new file, a backup overwrites none")
        }
        let partial = file + ".partial"
        guard
            FileManager.default.createFile(
                atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw StoreError.cannotWrite(path: partial) }
        do {
            let target = try DatabaseQueue(path: partial)
            try pool.backup(to: target, pagesPerStep: 1000) { step in
                progress(Int64(step.completedPageCount), Int64(step.totalPageCount))
            }
            // One file, without a log beside it.
            try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try target.close()
            try FileSync.settle(partial)
            guard rename(partial, file) == 0 else { throw StoreError.cannotWrite(path: file) }
            try FileSync.settle(URL(fileURLWithPath: file).deletingLastPathComponent().path)
        } catch let error as DatabaseError {
            unlink(partial)
            throw StoreError(error, path: file)
        }
    }
}

/// Puts files and folders on the disk, not only into the system's memory.
enum FileSync {
    static func settle(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.cannotWrite(path: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError.cannotWrite(path: path) }
    }
}
