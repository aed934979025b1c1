import Foundation

/// A real PostgreSQL with a standby that every commit waits for, on ports of their own. Both end with this process.
public final class ReplicatedPostgreSQL: @unchecked Sendable {
    /// One of the two servers.
    public final class Server: @unchecked Sendable {
        public let port: Int
        fileprivate let folder: String
        fileprivate let programs: String
        /// Its writing end is never closed by us: the kernel does it when the process is gone.
        private let lifeline = Pipe()

        fileprivate init(_ folder: String, _ programs: String) throws {
            self.folder = folder
            self.programs = programs
            port = try FreePort.find()
        }

        /// What all commands take; durable on no disk, since the tests end processes, not machines.
        private var options: String {
            "-p \(port) -k \(folder) -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off"
                + " -c wal_retrieve_retry_interval=100ms -c hot_standby=on"
        }

        fileprivate func start() throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            let command = PostgreSQLServer.command(
                "\(programs)/postgres", ["-D", "\(folder)/data"] + options.split(separator: " ").map(String.init),
                asAccount: true)
            process.arguments =
                [
                    "-c",
                    """
                    "$@" >"$0/log" 2>&1 & cat >/dev/null; server=$(head -n 1 "$0/data/postmaster.pid")
                    for child in $(pgrep -P $server) $server; do kill -CONT $child; done; kill -QUIT $server
                    for try in 1 2 3 4 5 6 7 8 9; do kill -0 $server 2>/dev/null && sleep 0.2; done; rm -rf "$0"
                    """, folder,
                ] + command
            for end in [lifeline.fileHandleForReading, lifeline.fileHandleForWriting] {
                _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
            process.standardInput = lifeline
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.runAlone()
            try waitUntilItAnswers()
        }

        fileprivate func waitUntilItAnswers() throws {
            let limit = Date(timeIntervalSinceNow: 60)
            while true {
                do {
                    _ = try query("SELECT 1")
                    return
                } catch {
                    guard Date() < limit else { throw error }
                    Thread.sleep(forTimeInterval: 0.05)
                }
            }
        }

        /// Whoever finds it stopped, or what they need locked for good, fails and does not wait for ever.
        private func address(_ database: String) -> String {
            "postgres://keybearer@127.0.0.1:\(port)/\(database)?connect_timeout=20&options=-cstatement_timeout%3D60000"
        }

        /// The first column of the first row.
        @discardableResult
        public func query(_ statement: String, database: String = "postgres") throws -> String {
            try PostgreSQLServer.output(
                "\(programs)/psql",
                ["-X", "-A", "-t", "-q", "-d", address(database), "-c", statement]
            ).split(separator: "\n").first.map(String.init) ?? ""
        }

        /// Somebody who has made a statement and stays connected, with whatever locks it took, until they leave.
        public final class Visit: @unchecked Sendable {
            private let process = Process()
            private let input = Pipe()

            fileprivate init(_ server: Server, _ statement: String, database: String) throws {
                let output = Pipe()
                for pipe in [input, output] {
                    for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
                    }
                }
                process.executableURL = URL(fileURLWithPath: "\(server.programs)/psql")
                process.arguments = ["-X", "-q", "-d", server.address(database)]
                process.standardInput = input
                // What it says there it says at once.
                process.standardError = output
                process.standardOutput = FileHandle.nullDevice
                try process.runAlone()
                try output.fileHandleForWriting.close()
                try input.fileHandleForWriting.write(contentsOf: Data("\(statement);\n\\warn done\n".utf8))
                var said = Data()
                while said.range(of: Data("done".utf8)) == nil {
                    let piece = output.fileHandleForReading.availableData
                    guard !piece.isEmpty else { throw HarnessError("psql ended at \(statement)") }
                    said += piece
                }
            }

            deinit { leave() }

            public func leave() {
                guard process.isRunning else { return }
                // It inherits a thread that blocks the gentler signals.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
        }

        /// Makes a statement; returns when it is done.
        public func visit(_ statement: String, database: String) throws -> Visit {
            try Visit(self, statement, database: database)
        }

        /// Ends it at once, as a crash does.
        public func crash() throws {
            try PostgreSQLServer.run(
                "\(programs)/pg_ctl", ["stop", "-D", "\(folder)/data", "-m", "immediate"], asAccount: true)
        }

        /// Starts it again after a crash.
        public func restart() throws {
            try PostgreSQLServer.run(
                "\(programs)/pg_ctl",
                ["start", "-w", "-D", "\(folder)/data", "-l", "\(folder)/log2", "-o", options], asAccount: true)
        }

        /// Stops every process of it where it stands.
        public func pause() { signal(SIGSTOP) }

        public func resume() { signal(SIGCONT) }

        private func signal(_ signal: Int32) {
            guard
                let text = try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8),
                let postmaster = text.split(separator: "\n").first.flatMap({ Int32($0) })
            else { return }
            let children = (try? PostgreSQLServer.output("/usr/bin/pgrep", ["-P", String(postmaster)])) ?? ""
            for process in children.split(separator: "\n").compactMap({ Int32($0) }) + [postmaster] {
                kill(process, signal)
            }
        }
    }

    public let primary: Server
    public let standby: Server
    private let folder: String

    /// - Parameter isSynchronous: whether a commit waits for the standby.
    public init(isSynchronous: Bool = true) throws {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("keybearer-pair-\(UUID().uuidString.prefix(8))").path
        for name in ["primary", "standby"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let programs = try PostgreSQLServer.programs(.debian, copiedTo: folder)
        if geteuid() == 0 { try PostgreSQLServer.run("/bin/chown", ["-R", PostgreSQLServer.account, folder]) }
        primary = try Server("\(folder)/primary", programs)
        standby = try Server("\(folder)/standby", programs)
        try PostgreSQLServer.run(
            "\(programs)/initdb",
            ["-D", "\(folder)/primary/data", "-U", "keybearer", "-A", "trust", "-E", "UTF8", "-N"], asAccount: true)
        try primary.start()
        try PostgreSQLServer.run(
            "\(programs)/pg_basebackup",
            [
                "-h", "127.0.0.1", "-p", String(primary.port), "-U", "keybearer", "-D", "\(folder)/standby/data", "-R",
                "-N", "-X", "stream", "-c", "fast",
            ], asAccount: true)
        try standby.start()
        try primary.query("CREATE DATABASE keybearer")
        if isSynchronous {
            try primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
            try primary.query("SELECT pg_reload_conf()")
        }
    }

    /// Makes the standby the primary, on a timeline of its own.
    public func promote() throws {
        try PostgreSQLServer.run(
            "\(standby.programs)/pg_ctl", ["promote", "-w", "-D", "\(standby.folder)/data"], asAccount: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
