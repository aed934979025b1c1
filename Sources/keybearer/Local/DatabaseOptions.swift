import ArgumentParser
import Foundation
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import Logging

/// What every command that opens the database takes.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "The configuration's file; keybearer.yaml of this folder where there is one.") var config: String?
    @Option(help: "The folder that holds the database, instead of database.url.") var data: String?

    func load() throws -> Configuration { try Configuration.load(path: config, data: data) }

    /// The rooms on the configured database, beside a running server or without one.
    ///
    /// - Parameter creating: make the database where there is none. A command that looks at one must not answer
    ///   from an empty one that it has just made.
    func open(creating: Bool = false) async throws -> ServingNode {
        var logger = Logger(label: "keybearer")
        logger.logLevel = .critical
        let configuration = try load()
        if !creating, let path = configuration.database.path { try Self.mustExist(path) }
        return try await ServingNode(configuration, .command, logger: logger)
    }

    /// The path of a database that is there.
    ///
    /// - Parameter command: what PostgreSQL has its own tools for.
    func existingPath(_ command: String) throws -> String {
        let path = try ownPath(command)
        try Self.mustExist(path)
        return path
    }

    private func ownPath(_ command: String) throws -> String {
        guard let path = try load().database.path else {
            throw CommandFailure("\(command) is for SQLite: use PostgreSQL's own pg_basebackup or pg_dump here")
        }
        return path
    }

    private static func mustExist(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("there is no database at \(path): check --config and --data", status: .notFound)
        }
    }

    /// The administration with the permit of a local command.
    func local(
        _ operation: KeybearerAdministration.Operation, _ command: String, creating: Bool = false
    ) async throws -> (Administration, OperatorPermit) {
        let administration = try await open(creating: creating).administration
        return (administration, try await administration.localPermit(operation, command: command))
    }

    /// The database's path, where no server may be running on it.
    ///
    /// - Parameter instead: the way out while one does.
    func unservedPath(_ command: String, instead: String) throws -> String {
        let path = try ownPath(command)
        guard !SQLiteDatabase.isServed(path: path) else {
            throw CommandFailure("\(command) needs the database for itself and a server runs on it: \(instead)")
        }
        return path
    }
}
