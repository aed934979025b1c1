import ArgumentParser
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import KeybearerVerification

/// `keybearer migrate-store --to URL`: from the file of one node to the PostgreSQL of many.
struct MigrateStore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate-store", abstract: "Move an SQLite database into an empty PostgreSQL, to serve it there.")
    @Option(help: "postgres://USER@HOST/DATABASE; a password is better kept in ~/.pgpass.") var to: String?
    @Flag(help: "Let the file be served again that was moved.") var undo = false
    @Flag(help: "With --undo: accept that keys revoked since may work again.") var acceptResurrection = false
    @OptionGroup var options: DatabaseOptions

    func validate() throws {
        guard (to == nil) == undo else { throw ValidationError("Name the server's database with --to, or --undo.") }
    }

    func run() async throws {
        let path = try options.unservedPath("migrate-store", instead: "stop it, move the database, start it there")
        guard let to else { return try await takeBack(path) }
        let settings = try options.load()
        let source = try SQLiteDatabase(path: try options.existingPath("migrate-store"), mode: .server)
        let target = try await PostgreSQLDatabase(url: to, connections: 1, patience: .seconds(600))
        defer { target.close() }
        let move = StoreMove(
            from: source, to: target, trail: AuditTrail(secret: settings.rules.auditSecret), clock: .system())
        let progress = ProgressLine("migrate-store")
        let summary = try await move.run { progress.update(done: $0, of: $1) }
        for (table, count) in summary.rows where count > 0 { Terminal.note("  \(table): \(count)") }
        Terminal.note("Every chain of the audit log is intact there: \(summary.auditEvents) events.")
        Terminal.note(
            "Moved to \(target.name). Name it in database.url and start the nodes; \(path) is not served any more.")
    }

    private func takeBack(_ path: String) async throws {
        guard acceptResurrection else {
            throw CommandFailure(
                "keys that were revoked since the move would work again: accept that with --accept-resurrection")
        }
        let place = try await SQLiteDatabase(path: try options.existingPath("migrate-store"), mode: .local).undoMove()
        let (administration, permit) = try await options.local(.operatorRevokeKeys, "migrate-store")
        try await administration.noteRestore(carriedRevocations: 0, permit)
        Terminal.note("\(path) can be served again; stop the nodes on \(place) for good.")
    }
}
