import KeybearerCluster
import KeybearerVerification

/// Portions of rate limits, granted to nodes by the database: the sum of what they may admit in a window never exceeds
/// its limit, since one row counts it.
struct GrantedPortions: LimitGrants {
    let database: PostgreSQLDatabase

    func grant(to holder: LimitHolder, _ policy: RateLimitPolicy, windowEnd: Int64, cost: Int) async throws -> Int {
        try await database.send(.grant(holder, policy, windowEnd: windowEnd, cost: cost))
    }
}

extension ClusterMessage where Answer == Int {
    /// An eighth of what is left, so that portions become smaller as the window fills and no node hoards the last of it;
    /// at least what the call costs, where that much is left.
    static func grant(_ holder: LimitHolder, _ policy: RateLimitPolicy, windowEnd: Int64, cost: Int) -> Self {
        Self { connection in
            try connection.run(
                """
                INSERT INTO cluster_grant AS r (window_end, holder, granted, portion)
                VALUES ($1, $2, least($3::bigint, greatest($4::bigint, $3::bigint / 8, 1)),
                    least($3::bigint, greatest($4::bigint, $3::bigint / 8, 1)))
                ON CONFLICT (window_end, holder) DO UPDATE SET
                    portion = greatest(0, least($3 - r.granted, greatest($4, ($3 - r.granted) / 8, 1))),
                    granted = r.granted + greatest(0, least($3 - r.granted, greatest($4, ($3 - r.granted) / 8, 1)))
                RETURNING portion
                """,
                [
                    .integer(windowEnd), .text(holder), .integer(Int64(policy.requests)),
                    .integer(Int64(cost)),
                ])
        } read: { rows in
            Int(try rows.first?.integer(0) ?? 0)
        }
    }
}

extension ClusterMessage where Answer == Void {
    /// Windows that are long over are counted by nobody any more.
    static func forgetGrants(before now: Timestamp) -> Self {
        Self(
            write: { connection in
                try connection.run(
                    "DELETE FROM cluster_grant WHERE window_end < $1", [.integer(now.seconds - 3600)])
            }, read: { _ in })
    }
}

extension Store {
    /// Where nodes that share a database get their portions of rate limits; nil where there can only be one.
    public var limitGrants: (any LimitGrants)? {
        guard case .lease(_, let barrier) = feed else { return nil }
        return GrantedPortions(database: barrier.database)
    }
}
