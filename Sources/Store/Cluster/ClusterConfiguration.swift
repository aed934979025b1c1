import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification

// The configuration that is in force: every node decides by it, or not at all. See decision 47.

extension ClusterMessage where Answer == Bool {
    /// Registers a node whose configuration is in force; the first one puts its own in force.
    ///
    /// A node that registers by the one before, while another is being applied, is not given a lease: every renewal
    /// reads again which one is in force, together with the log.
    ///
    /// - Parameter configuration: nil joins whatever is in force.
    /// - Returns: false where another is in force, and then nothing was written.
    static func register(
        _ id: NodeID, name: String, lease: Span, at now: Timestamp, configuration: ConfigurationDigest? = nil
    ) -> Self {
        Self { connection in
            if let configuration {
                try connection.run(
                    """
                    INSERT INTO cluster_configuration (one, digest, at) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING
                    """, [.blob(configuration.bytes), .time(now)])
            }
            try connection.run(
                """
                INSERT INTO cluster_node (id, name, renewal, acknowledged, lease, is_dead, seen_at)
                SELECT $1::text, $2::text, 0, 0, $3::bigint, 0, $4::bigint
                WHERE NOT EXISTS (SELECT 1 FROM cluster_configuration WHERE digest <> $5)
                """,
                [
                    .text(id.text), .text(name), .integer(lease.microseconds), .time(now),
                    configuration.map { .blob($0.bytes) } ?? .null,
                ])
            try connection.run("SELECT 1 FROM cluster_node WHERE id = $1", [.text(id.text)])
        } read: { rows in
            !rows.isEmpty
        }
    }
}

extension Connection {
    /// Puts a configuration in force. A file has one process to serve it and nothing to agree on.
    func adopt(_ configuration: ConfigurationDigest, at now: Timestamp) throws {
        guard self is PostgreSQLConnection else { return }
        try run(
            """
            INSERT INTO cluster_configuration (one, digest, at) VALUES (1, $1, $2)
            ON CONFLICT (one) DO UPDATE SET digest = excluded.digest, at = excluded.at
            """, [.blob(configuration.bytes), .time(now)])
    }
}

extension PostgreSQLDatabase {
    /// The configuration in force; nil before the first node has joined.
    public func configurationInForce() async throws -> ConfigurationDigest? {
        try await read { connection in
            try connection.row("SELECT digest FROM cluster_configuration", []).flatMap {
                ConfigurationDigest(bytes: try $0.blob(0))
            }
        }
    }
}

extension Failure {
    /// What a process says that decides by rules which are not in force.
    static let otherConfiguration = Failure(
        .unavailable,
        "Another configuration is in force on this database: start this node with that one, or put its own in force "
            + "with `keybearer config apply`.")
}
