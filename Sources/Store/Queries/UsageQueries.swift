import KeybearerAdministration
import KeybearerVerification

extension SQLRecords {
    func usage(_ query: UsageQuery) throws -> UsageReport {
        let key: [SQLValue] = [.text(query.key), .text(query.organization)]
        let hours = try connection.rows(
            """
            SELECT hour, verdict, count FROM usage_hourly
            WHERE key_id = $1 AND organization_id = $2 AND hour >= $3 AND hour < $4 ORDER BY hour
            """, key + [.time(query.from), .time(query.to)])
        let lastUse = try connection.row(
            "SELECT at, address FROM key_last_use WHERE key_id = $1 AND organization_id = $2", key
        ).map { APIKey.LastUse(at: try $0.time(0), address: try $0.optionalAddress(1)) }
        let permissions = try connection.rows(
            "SELECT permission, hour FROM permission_last_use WHERE key_id = $1 AND organization_id = $2", key
        ).map { (try $0.text(0), try $0.time(1)) }
        let denials = try connection.rows(
            """
            SELECT at, verdict, address, permission FROM key_denial
            WHERE key_id = $1 AND organization_id = $2 ORDER BY number DESC LIMIT 20
            """, key
        ).map { row in
            Denial(
                key: query.key, organization: query.organization, at: try row.time(0),
                verdict: try row.parsed(1) { Verdict(rawValue: $0) }, address: try row.optionalAddress(2),
                permission: try row.optionalText(3))
        }
        return UsageReport(
            buckets: try Self.buckets(hours, query.granularity), lastUse: lastUse,
            permissionLastUse: Dictionary(permissions, uniquingKeysWith: { max($0, $1) }), denials: denials)
    }

    private static func buckets(_ rows: [SQLRow], _ granularity: UsageQuery.Granularity) throws -> [UsageReport.Bucket]
    {
        let seconds: Int64 = granularity == .hour ? 3600 : 86_400
        var counts: [Timestamp: [Verdict: Int64]] = [:]
        for row in rows {
            let hour = try row.time(0).seconds
            let verdict = try row.parsed(1) { Verdict(rawValue: $0) }
            counts[Timestamp(seconds: hour - hour % seconds), default: [:]][verdict, default: 0] += try row.integer(2)
        }
        return counts.sorted { $0.key < $1.key }.map { UsageReport.Bucket(start: $0.key, counts: $0.value) }
    }
}

extension Connection {
    /// Adds the sums of one metering interval; the newest 20 denials of each key stay.
    func add(_ batch: UsageBatch) throws {
        for sum in batch.hourly {
            try run(
                """
                INSERT INTO usage_hourly (key_id, organization_id, hour, verdict, count) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (key_id, hour, verdict) DO UPDATE SET count = usage_hourly.count + excluded.count
                """,
                [
                    .text(sum.key), .text(sum.organization), .time(sum.hourStart), .text(sum.verdict.rawValue),
                    .integer(Int64(sum.count)),
                ])
        }
        for use in batch.lastUsed {
            try run(
                """
                INSERT INTO key_last_use (key_id, organization_id, at, address) VALUES ($1, $2, $3, $4)
                ON CONFLICT (key_id) DO UPDATE SET at = excluded.at, address = excluded.address
                WHERE excluded.at >= key_last_use.at
                """, [.text(use.key), .text(use.organization), .time(use.at), .text(use.address)])
        }
        for use in batch.permissionUse {
            try run(
                """
                INSERT INTO permission_last_use (key_id, organization_id, permission, hour) VALUES ($1, $2, $3, $4)
                ON CONFLICT (key_id, permission) DO UPDATE SET hour = excluded.hour
                WHERE excluded.hour > permission_last_use.hour
                """, [.text(use.key), .text(use.organization), .text(use.permission), .time(use.hourStart)])
        }
        for denial in batch.denials {
            try run(
                """
                INSERT INTO key_denial (key_id, organization_id, at, verdict, address, permission)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .text(denial.key), .text(denial.organization), .time(denial.at), .text(denial.verdict.rawValue),
                    .text(denial.address), .text(denial.permission),
                ])
        }
        for key in Set(batch.denials.map(\.key)) {
            try run(
                """
                DELETE FROM key_denial WHERE key_id = $1 AND number NOT IN (
                    SELECT number FROM key_denial WHERE key_id = $1 ORDER BY number DESC LIMIT 20)
                """, [.text(key)])
        }
    }
}
