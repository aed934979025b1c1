import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore

/// `keybearer backup FILE`: a consistent copy, taken while the server runs or not.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the database into a new file, server running or not.")
    @Argument(help: "The file to make; it must not exist.") var file: String
    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let path = try options.existingPath("backup")
        let progress = ProgressLine("backup")
        try SQLiteDatabase(path: path, mode: .local).backup(to: file) { progress.update(done: $0, of: $1) }
        Terminal.note("The backup is in \(file).")
    }
}

/// `keybearer restore FILE`: puts a backup in the database's place without bringing revoked keys back.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Replace the database by a backup; what was revoked since stays revoked.")
    @Argument(help: "A file that `keybearer backup` made.") var file: String
    @Option(help: "A database, or a later backup, whose revocations apply where the one to replace is lost.")
    var revocations: String?
    @Flag(help: "Accept that keys revoked since the backup may work again.") var acceptResurrection = false
    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let path = try options.unservedPath(
            "restore", instead: "stop it, or revoke with POST /v1/operator/api-keys/revoke")
        let progress = ProgressLine("restore")
        let restoration = Restoration(path: path, backup: file)
        let carried = try restoration.run(
            revocations: revocations, acceptResurrection: acceptResurrection
        ) { progress.update(done: $0, of: $1) }
        let (administration, permit) = try await options.local(.operatorRevokeKeys, "restore")
        try await administration.noteRestore(carriedRevocations: carried, permit)
        Terminal.note("Restored \(file); \(carried) revocations were carried over.")
    }
}
