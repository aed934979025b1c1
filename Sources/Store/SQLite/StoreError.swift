import GRDB

/// Why the database cannot be used; each says in one line what to do.
public enum StoreError: Error, Sendable, CustomStringConvertible {
    case alreadyServed(path: String)
    case cannotWrite(path: String)
    case newerSchema(path: String, version: Int64)
    case notADatabase(path: String)
    case diskFull(path: String)
    case unreadable(path: String, reason: String)
    case refused(String)

    public var description: String {
        switch self {
        case .alreadyServed(let path):
            "another keybearer serves this database (\(path) is locked): stop it first, or use another --data folder"
        case .cannotWrite(let path): "cannot write \(path): give this user write permission to the file and its folder"
        case .newerSchema(let path, let version):
            "\(path) has schema \(version), newer than this program knows (\(Migrations.latest)): use a newer keybearer"
        case .notADatabase(let path): "\(path) is not a Keybearer database: name another file, or restore a backup"
        case .diskFull(let path): "the disk that holds \(path) is full: make room and try again; nothing was changed"
        case .unreadable(let path, let reason): "\(path) cannot be used: \(reason)"
        case .refused(let reason): reason
        }
    }

    init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .notADatabase(path: path)
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: self = .cannotWrite(path: path)
        default: self = .unreadable(path: path, reason: error.message ?? "\(error.resultCode)")
        }
    }
}
