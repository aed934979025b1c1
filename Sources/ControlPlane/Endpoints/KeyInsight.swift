import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func readUsage(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try call.id("id"), permit)
        let query = try usageQuery(call, key)
        let report = try await administration.usage(query, permit)
        return .resource(UsageResource(report, query, granted: key.permissions))
    }

    /// By default the last 24 hours by the hour, or the last 30 days by the day.
    private func usageQuery(_ call: Call, _ key: APIKey) throws(Refusal) -> UsageQuery {
        guard let granularity = UsageQuery.Granularity(rawValue: call.query["granularity"] ?? "hour") else {
            throw .query("granularity is hour or day.")
        }
        let days: (usual: Int64, most: Int64) = granularity == .hour ? (1, 31) : (30, 731)
        let to = try call.time("to") ?? call.now
        let from = try call.time("from") ?? to.adding(seconds: -days.usual * 86_400)
        guard from < to, to.seconds - from.seconds <= days.most * 86_400 else {
            throw Refusal(
                422, "invalid_time", "from lies before to, by at most \(days.most) days at this granularity.")
        }
        return UsageQuery(key: key.id, organization: key.organization, from: from, to: to, granularity: granularity)
    }

    func explainKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let id: KeyID = try call.id("id")
        _ = try await administration.key(id, permit)
        let body = try call.json(as: ExplainBody.self)
        let explanation = try await administration.explain(id, permission: body.permission, address: body.ip, permit)
        guard explanation.verdict != .unavailable else { throw Refusal(.unavailable) }
        return .resource(ExplanationResource(explanation))
    }

    func lookUpKey(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let body = try call.json(as: LookupBody.self)
        let key = try await administration.lookUpKey(digest: body.keySHA256, permit)
        return .resource(APIKeyResource(key, now: call.now))
    }
}

extension Call {
    /// A moment in the query.
    ///
    /// - Throws: 422 `invalid_time`.
    func time(_ parameter: String) throws(Refusal) -> Timestamp? {
        guard let text = query[parameter] else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw Refusal(
                422, "invalid_time", "\(parameter) is an RFC 3339 time, such as 2026-10-01T00:00:00Z.")
        }
        return time
    }
}

extension Refusal {
    init(_ code: Failure.Code) {
        self.init(Failure(code, "No safe decision can be made at the moment; try again."))
    }
}

extension ExplanationResource {
    init(_ explanation: Explanation) {
        self.init(
            code: explanation.verdict.rawValue,
            checks: explanation.checks.map { check in
                Check(
                    name: check.name, passed: check.passed, code: check.verdict.rawValue, detail: check.detail,
                    decides: check.isDecisive)
            })
    }
}

extension UsageResource {
    init(_ report: UsageReport, _ query: UsageQuery, granted: [Permission]) {
        let ordered = { (counts: [Verdict: Int64]) in
            Verdict.allCases.compactMap { verdict in
                counts[verdict].flatMap { $0 > 0 ? (code: verdict.rawValue, count: $0) : nil }
            }
        }
        let totals = report.buckets.reduce(into: [Verdict: Int64]()) { sums, bucket in
            sums.merge(bucket.counts) { $0 + $1 }
        }
        self.init(
            from: query.from.description, to: query.to.description, granularity: query.granularity.rawValue,
            totals: ordered(totals),
            buckets: report.buckets.map { Bucket(start: $0.start.description, counts: ordered($0.counts)) },
            lastUsedAt: report.lastUse?.at.description, lastUsedIP: report.lastUse?.address?.description,
            permissions: granted.map { permission in
                let text = permission.description
                return PermissionUse(
                    permission: text, lastUsedAt: report.permissionLastUse[text]?.description)
            },
            denials: report.denials.map { denial in
                Denial(
                    at: denial.at.description, code: denial.verdict.rawValue, ip: denial.address?.description,
                    permission: denial.permission)
            })
    }
}
