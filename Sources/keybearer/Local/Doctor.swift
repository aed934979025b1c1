import ArgumentParser
import Foundation
import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import KeybearerVerification

/// `keybearer doctor`: looks for what will hurt later; fails where something is wrong now.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check configuration, database, clock and file permissions.")
    @OptionGroup var options: DatabaseOptions

    private enum Finding {
        case fine(String)
        case advice(String)
        case wrong(String)
    }

    func run() async throws {
        let configuration = try options.load()
        var findings: [Finding] = [.fine("configuration: every setting is possible")]
        findings += configuration.warnings.map { .advice($0) }
        let node = try await options.open()
        findings += try await database(node, configuration)
        findings += files(configuration)
        findings += try await clock(node)
        if !configuration.rules.peppers.isConfigured {
            findings.append(
                .advice("keys.pepper is not set: with one, a stolen database alone cannot be used to add keys"))
        }
        if configuration.rules.auditSecret == nil {
            findings.append(.advice("audit.secret is not set: with one, a database writer cannot forge the audit log"))
        }
        for finding in findings {
            switch finding {
            case .fine(let text): Terminal.print("ok      \(text)")
            case .advice(let text): Terminal.print("advice  \(text)")
            case .wrong(let text): Terminal.print("WRONG   \(text)")
            }
        }
        let wrong = findings.count { if case .wrong = $0 { true } else { false } }
        guard wrong == 0 else { throw CommandFailure("\(wrong) things are wrong") }
    }

    private func database(_ node: ServingNode, _ configuration: Configuration) async throws -> [Finding] {
        var findings: [Finding] = []
        switch node.database {
        case .sqlite(let database): findings += try await file(database)
        case .postgreSQL(let database): findings += try await server(database, configuration)
        }
        switch try await node.administration.trail.verify(node.store, against: [], progress: { _ in }) {
        case .intact(let events): findings.append(.fine("audit log: every chain is intact, \(events) events"))
        default: findings.append(.wrong("audit log: a chain is broken; `keybearer audit verify` names the event"))
        }
        if configuration.rules.peppers.isConfigured, try await node.store.plainDigestCount() > 0 {
            findings.append(.wrong("keys are stored without the pepper: run `keybearer pepper apply`"))
        }
        return findings
    }

    private func file(_ database: SQLiteDatabase) async throws -> [Finding] {
        let faults = try await database.integrityFaults()
        let facts = try await database.facts()
        let served = SQLiteDatabase.isServed(path: database.path)
        return
            (faults.isEmpty ? [.fine("database: its structure is intact")] : faults.map { .wrong("database: \($0)") })
            + [
                facts.isDurable
                    ? .fine("database: WAL with synchronous=FULL, schema \(facts.schema), \(facts.keys) keys")
                    : .wrong("database: not in WAL mode with synchronous=FULL"),
                .fine(served ? "a server runs on this database" : "no server runs on this database"),
            ]
    }

    /// What the promise of an immediate revocation rests on, beside the program (spec of the protocol:
    /// `docs/scaling.md`).
    private func server(_ database: PostgreSQLDatabase, _ configuration: Configuration) async throws -> [Finding] {
        let facts = try await database.facts()
        var findings: [Finding] = [
            facts.isDurable
                ? .fine("database: PostgreSQL \(facts.version) at \(database.name), \(facts.keys) keys")
                : .wrong("database: fsync, full_page_writes and synchronous_commit have to be on")
        ]
        if let inForce = try await database.configurationInForce() {
            findings.append(
                inForce == configuration.digest
                    ? .fine("configuration: the one that is in force, \(inForce.name)")
                    : .wrong(
                        """
                        configuration: \(inForce.name) is in force and this is \(configuration.digest.name): use that \
                        one, or run `keybearer config apply`
                        """))
        }
        if facts.asynchronousStandbys > 0 {
            findings.append(
                .advice(
                    """
                    database: \(facts.asynchronousStandbys) standbys follow asynchronously: one that takes over may \
                    have lost revokes that were answered; name it in synchronous_standby_names
                    """))
        }
        if facts.synchronousStandbys > 0 {
            findings.append(.fine("database: a commit waits for its standby; \(facts.synchronousStandbys) follow"))
        }
        findings.append(
            .fine(
                """
                assumed: clocks of this machine run less than 1 % fast or slow and stop for no longer than \
                \(configuration.leaseSeconds * 40) ms while keys are verified; verification.strict needs neither
                """))
        return findings
    }

    private func files(_ configuration: Configuration) -> [Finding] {
        guard let path = configuration.database.path else { return [] }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return [path, folder].map { file in
            let mode = permissions(of: file)
            guard mode & 0o077 == 0 else {
                return .wrong("\(file) can be read by other users: chmod \(file == folder ? "700" : "600") \(file)")
            }
            return .fine("\(file) belongs to this user alone")
        }
    }

    private func permissions(of path: String) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { return 0o777 }
        return Int(status.st_mode) & 0o777
    }

    private func clock(_ node: ServingNode) async throws -> [Finding] {
        guard let newest = try await node.store.newestTime() else {
            return [.fine("clock: nothing to compare with yet")]
        }
        let wall = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        guard wall.adding(seconds: 2) > newest else {
            return [.wrong("clock: it is \(wall), but the database was written at \(newest): set the clock")]
        }
        return [.fine("clock: not behind the database")]
    }
}
