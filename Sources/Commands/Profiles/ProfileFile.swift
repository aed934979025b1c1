import Foundation
import KeybearerAPI

/// The one file in which credentials are saved: mode 0600 in a folder of 0700, and refused where others can read it.
struct ProfileFile: Sendable {
    let folder: String
    var path: String { folder + "/profiles.json" }

    /// `PREFIX_CONFIG_DIR`, or the brand's folder below `$XDG_CONFIG_HOME` or `~/.config`.
    ///
    /// - Throws: where there is no home.
    static func standard() throws -> ProfileFile {
        let brand = Brand.current
        if let folder = brand.environment("CONFIG_DIR") { return ProfileFile(folder: folder) }
        let environment = ProcessInfo.processInfo.environment
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            return ProfileFile(folder: "\(base)/\(brand.configurationFolder)")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw CommandFailure("there is no home folder: set \(brand.environmentPrefix)CONFIG_DIR", status: .usage)
        }
        return ProfileFile(folder: "\(home)/.config/\(brand.configurationFolder)")
    }

    /// No profiles where there is no file.
    ///
    /// - Throws: `CommandFailure` for a file that others could have read or written, or that is not one of these.
    func read() throws -> Profiles {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return Profiles() }
            throw CommandFailure("\(path) cannot be opened: \(Self.reason())")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try mustBePrivate(descriptor)
        guard let data = try handle.readToEnd() else { return Profiles() }
        do {
            guard let profiles = Profiles(try JSON.parse(data)) else { throw Unreadable() }
            return profiles
        } catch {
            throw CommandFailure("\(path) is not a profiles' file: remove it and sign in again")
        }
    }

    /// Reads, changes and writes under a lock, so that two commands at once lose nothing of each other.
    func change(_ body: (inout Profiles) throws -> Void) throws {
        try makeFolder()
        let lock = open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw CommandFailure("\(folder) cannot be written to: \(Self.reason())")
        }
        defer { close(lock) }
        var profiles = try read()
        try body(&profiles)
        try write(profiles)
    }

    private struct Unreadable: Error {}

    private func write(_ profiles: Profiles) throws {
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be written: \(Self.reason())") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            // Whatever the umask says.
            guard fchmod(descriptor, 0o600) == 0 else { throw Unreadable() }
            try handle.write(contentsOf: Data(profiles.json.serialized() + [0x0a]))
            try handle.synchronize()
            guard rename(temporary, path) == 0 else { throw Unreadable() }
        } catch {
            unlink(temporary)
            throw CommandFailure("\(path) cannot be written: \(Self.reason())")
        }
    }

    private func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure("the folder \(folder) cannot be made: \(Self.reason())")
        }
        var facts = stat()
        guard stat(folder, &facts) == 0, facts.st_uid == geteuid() else {
            throw CommandFailure("\(folder) belongs to somebody else: credentials are not saved there")
        }
        guard chmod(folder, 0o700) == 0 else {
            throw CommandFailure("\(folder) cannot be kept from others: \(Self.reason())")
        }
    }

    /// Of the very file that was opened, so that nothing can change in between.
    private func mustBePrivate(_ descriptor: Int32) throws {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(path) is not a file")
        }
        guard facts.st_uid == geteuid() else {
            throw CommandFailure("\(path) belongs to somebody else and is not read")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw CommandFailure(
                "\(path) can be read by others, so what it holds is no secret any more: end those credentials, then chmod 600 it"
            )
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)).lowercased() }
}
