/// What an operator wants to know of the server.
public struct PostgreSQLFacts: Sendable {
    /// As `15.18`.
    public let version: String
    public let keys: Int64
    /// `fsync`, `full_page_writes` and `synchronous_commit` keep what was answered through a loss of power.
    public let isDurable: Bool
    /// Standbys that follow this server, by what a commit waits for.
    public let synchronousStandbys: Int64
    public let asynchronousStandbys: Int64
}

extension PostgreSQLDatabase {
    public func facts() async throws -> PostgreSQLFacts {
        try await read { connection in
            let settings = try connection.row(
                """
                SELECT current_setting('server_version'), current_setting('fsync'),
                    current_setting('full_page_writes'), current_setting('synchronous_commit')
                """, [])
            let standbys = try connection.row(
                """
                SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')),
                    count(*) FILTER (WHERE sync_state NOT IN ('sync', 'quorum')) FROM pg_stat_replication
                """, [])
            let keys = try connection.row("SELECT count(*) FROM api_key", [])
            return PostgreSQLFacts(
                version: try settings?.text(0) ?? "", keys: try keys?.integer(0) ?? 0,
                isDurable: try settings?.text(1) == "on" && settings?.text(2) == "on"
                    && ["on", "remote_apply"].contains(settings?.text(3)),
                synchronousStandbys: try standbys?.integer(0) ?? 0,
                asynchronousStandbys: try standbys?.integer(1) ?? 0)
        }
    }
}
