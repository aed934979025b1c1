import Foundation
import Synchronization

/// A real PostgreSQL of the tests' own, in a temporary folder, reached over a local socket. It ends with this process,
/// however that ends: a shell beside it waits on a pipe that only this process holds open.
public final class PostgreSQLServer: Sendable {
    public enum Version: String, Sendable, CaseIterable {
        case debian = "15"
        case newest = "18"
    }

    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    public let folder: String
    public let programs: String
    private let databases = Mutex(0)
    /// Its writing end is never closed by us: the kernel does it when the process is gone.
    private let lifeline = Pipe()

    /// The server of a version, started when it is first asked for.
    public static func running(_ version: Version) throws -> PostgreSQLServer {
        try started.withLock { started in
            if let result = started[version] { return try result.get() }
            let result = Result { try PostgreSQLServer(version) }
            started[version] = result
            return try result.get()
        }
    }

    private static let started = Mutex<[Version: Result<PostgreSQLServer, any Error>]>([:])

    private init(_ version: Version) throws {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("keybearer-pg\(version.rawValue)-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        programs = try Self.programs(version, copiedTo: folder)
        if geteuid() == 0 { try Self.run("/bin/chown", ["-R", Self.account, folder]) }
        try Self.run(
            "\(programs)/initdb", ["-D", "\(folder)/data", "-U", "keybearer", "-A", "trust", "-E", "UTF8", "-N"],
            asAccount: true)
        try start()
    }

    /// Starts it on its folder, and returns once it answers.
    private func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let server = Self.command(
            "\(programs)/postgres",
            [
                "-D", "\(folder)/data", "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200", "-c",
                "fsync=off",
            ], asAccount: true)
        process.arguments =
            [
                "-c",
                """
                "$@" >"$0" 2>&1 & cat >/dev/null; server=$(head -n 1 "${0%/*}/data/postmaster.pid"); kill -INT $server
                wait; for try in 1 2 3 4 5 6 7 8 9; do kill -0 $server 2>/dev/null && sleep 0.2; done
                rm -rf "${0%/*}"
                """,
            ]
            + ["\(folder)/log"] + server
        // Only the shell may hold an end of it, or its end would never be seen.
        for end in [lifeline.fileHandleForReading, lifeline.fileHandleForWriting] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        let limit = Date(timeIntervalSinceNow: 60)
        while true {
            do {
                return try psql("postgres", "SELECT 1")
            } catch {
                guard Date() < limit, process.isRunning else {
                    let log = FileManager.default.contents(atPath: "\(folder)/log") ?? Data()
                    throw Missing(description: "PostgreSQL did not start: \(String(decoding: log, as: UTF8.self))")
                }
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }

    /// Ends it at once, as a crash does.
    public func crash() throws {
        try Self.run("\(programs)/pg_ctl", ["stop", "-D", "\(folder)/data", "-m", "immediate"], asAccount: true)
    }

    /// Starts it again after a crash.
    public func restart() throws {
        try Self.run(
            "\(programs)/pg_ctl",
            [
                "start", "-w", "-D", "\(folder)/data", "-l", "\(folder)/log2", "-o",
                "-k \(folder) -c listen_addresses= -c max_connections=200 -c fsync=off",
            ], asAccount: true)
    }

    /// A URL of an empty database.
    public func newDatabase() throws -> String {
        let number = databases.withLock { count in
            count += 1
            return count
        }
        try psql("postgres", "CREATE DATABASE test\(number)")
        return "postgres://keybearer@/test\(number)?host=\(folder)"
    }

    /// Fails after a minute, such as where what it needs stays locked.
    public func psql(_ database: String, _ statement: String) throws {
        try Self.run(
            "\(programs)/psql",
            [
                "-h", folder, "-U", "keybearer", "-X", "-q", "-d", database, "-c", "SET statement_timeout = 60000",
                "-c", statement,
            ])
    }

    /// A server refuses to run as root, so root lends it an account that Debian has anyway.
    static let account = "nobody"

    static func command(_ program: String, _ arguments: [String], asAccount: Bool) -> [String] {
        guard asAccount, geteuid() == 0 else { return [program] + arguments }
        return ["/usr/bin/setpriv", "--reuid", account, "--regid", "nogroup", "--clear-groups", program] + arguments
    }

    static func run(_ program: String, _ arguments: [String], asAccount: Bool = false) throws {
        _ = try output(program, arguments, asAccount: asAccount)
    }

    /// What it printed, on both ways.
    static func output(_ program: String, _ arguments: [String], asAccount: Bool = false) throws -> String {
        let command = command(program, arguments, asAccount: asAccount)
        let process = Process()
        // A file, since a server that was started keeps what it inherits open.
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("keybearer-\(UUID().uuidString)").path
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw Missing(description: "no file") }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let output = FileHandle(forWritingAtPath: path)
        // Foundation takes a process to be running for as long as anything that it started holds what it inherited.
        let closing = #"for f in /proc/self/fd/*; do n=${f##*/}; [ $n -le 2 ] || eval "exec $n>&-"; done; exec "$@""#
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", closing, "closing"] + command
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.runAlone()
        process.waitUntilExit()
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        guard process.terminationStatus == 0 else { throw Missing(description: "\(program): \(text)") }
        return text
    }

    static func programs(_ version: Version, copiedTo folder: String) throws -> String {
        switch version {
        case .debian:
            let programs = "/usr/lib/postgresql/15/bin"
            guard FileManager.default.isExecutableFile(atPath: "\(programs)/initdb") else {
                throw Missing(description: "it is missing: apt-get install postgresql-15")
            }
            return programs
        case .newest:
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let installed = root.appendingPathComponent(".build-postgresql-18").path
            guard
                let tree = try? FileManager.default.contentsOfDirectory(atPath: installed)
                    .first(where: { $0.hasPrefix("postgresql-") && !$0.hasSuffix(".gz") })
            else { throw Missing(description: "it is missing: Scripts/postgresql-18") }
            // The account may not be able to look into this checkout.
            try run("/bin/cp", ["-r", "\(installed)/\(tree)", "\(folder)/programs"])
            return "\(folder)/programs/bin"
        }
    }
}
