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
    func open() async throws -> ServingNode {
        var logger = Logger(label: "keybearer")
        logger.logLevel = .critical
        return try await ServingNode(try load(), mode: .local, logger: logger)
    }

    /// The administration with the permit of a local command.
    func local(_ operation: KeybearerAdministration.Operation, _ command: String) async throws -> (Administration, OperatorPermit) {
        let administration = try await open().administration
        return (administration, try await administration.localPermit(operation, command: command))
    }

    /// The database's path, where no server may be running on it.
    ///
    /// - Parameter instead: the way out while one does.
    func unservedPath(_ command: String, instead: String) throws -> String {
        let path = try load().databasePath
        guard !SQLiteDatabase.isServed(path: path) else {
            throw CommandFailure("\(command) needs the database for itself and a server runs on it: \(instead)")
        }
        return path
    }
}

/// How a list is printed.
struct OutputOptions: ParsableArguments {
    @Option(help: "table or json.") var output: OutputFormat = .table
}

extension OutputFormat: ExpressibleByArgument {}
