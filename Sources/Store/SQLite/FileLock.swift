import Foundation

/// `flock` on a file beside the database: held while a server runs, gone with its process, so that a crash
/// leaves nothing behind.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `StoreError` `alreadyServed` or `cannotWrite`.
    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError.cannotWrite(path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError.alreadyServed(path: path)
        }
    }

    deinit { close(descriptor) }

    static func isHeld(path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }
}
