import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

/// The counts of one key over a day or a month: as a chart, a legend and a table.
struct KeyUsageView: Sendable {
    let report: UsageReport
    let chart: String
    let caption: String
    let legend: [Legend]
    let buckets: [Bucket]
    let denials: [Denial]

    struct Legend: Sendable {
        let tone: String
        let label: String
        let count: String
    }

    struct Bucket: Sendable {
        let start: String
        let counts: [String]
    }

    struct Denial: Sendable {
        let at: String
        let exact: String
        let reason: String
        let address: String
        let permission: String?
    }

    init(
        _ key: APIKey, isMonth: Bool, _ visit: Visit, _ administration: Administration, _ permit: OrganizationPermit
    ) async throws {
        let step: Int64 = isMonth ? 86_400 : 3600
        let count: Int64 = isMonth ? 30 : 24
        let end = Timestamp(seconds: (visit.now.seconds / step + 1) * step)
        let start = end.adding(seconds: -step * count)
        report = try await administration.usage(
            UsageQuery(
                key: key.id, organization: key.organization, from: start, to: end,
                granularity: isMonth ? .day : .hour), permit)
        let formats = visit.formats
        let found = Dictionary(report.buckets.map { ($0.start, $0.counts) }, uniquingKeysWith: { $1 })
        let totals = report.buckets.reduce(into: [Verdict: Int64]()) { sums, bucket in
            sums.merge(bucket.counts) { $0 + $1 }
        }
        let verdicts = Verdict.allCases.filter { totals[$0, default: 0] > 0 }
        let starts = (0..<count).map { start.adding(seconds: $0 * step) }
        func label(_ time: Timestamp) -> String { isMonth ? formats.day(time) : formats.hour(time) }
        let bars = starts.map { time in
            UsageChart.Bar(
                label: label(time), parts: verdicts.map { (tone: $0.tone, count: found[time]?[$0] ?? 0) })
        }
        let allowed = totals[.valid, default: 0]
        caption = visit.say(
            \.key.chartLabel,
            [
                "from": formats.moment(start), "to": formats.moment(end), "allowed": formats.number(allowed),
                "denied": formats.number(totals.values.reduce(0, +) - allowed),
            ])
        chart = UsageChart(bars, description: caption, formats: formats).svg
        legend = verdicts.map {
            Legend(
                tone: "tone-\($0.tone.rawValue)", label: visit.say($0.words), count: formats.number(totals[$0] ?? 0))
        }
        buckets = starts.filter { found[$0] != nil }.map { time in
            Bucket(
                start: isMonth ? formats.date(time) : formats.moment(time),
                counts: verdicts.map { formats.number(found[time]?[$0] ?? 0) })
        }
        denials = report.denials.map { denial in
            Denial(
                at: visit.relative(denial.at), exact: formats.moment(denial.at),
                reason: visit.say(denial.verdict.words),
                address: denial.address?.description ?? "–", permission: denial.permission)
        }
    }
}

/// Both keys of a rotation with their traffic side by side.
struct PairView: Sendable {
    let lead: String
    let keys: [Key]
    let silent: Silent?

    struct Key: Sendable {
        let href: String
        let label: String
        let preview: String
        let calls: String
        let lastUsed: String
    }

    struct Silent: Sendable {
        let text: String
        let href: String
    }
}

extension Console {
    /// Set while the key, or the one that it replaces, is on its way out.
    func pair(_ key: APIKey, _ visit: Visit, _ permit: OrganizationPermit) async throws -> PairView? {
        let oldID = key.status(at: visit.now) == .rotating ? key.id : key.rotatedFrom
        guard let oldID else { return nil }
        let old = try await administration.key(oldID, permit)
        guard old.status(at: visit.now) == .rotating, let end = old.overlapEndsAt, let newID = old.successor else {
            return nil
        }
        let new = try await administration.key(newID, permit)
        let before = try await side(old, \.key.pairOld, visit, permit)
        let after = try await side(new, \.key.pairNew, visit, permit)
        var silent: PairView.Silent?
        // Silence tells something only once the new key is in use: until then the program may simply be idle.
        if let newUse = new.lastUse?.at, newUse > (old.lastUse?.at ?? new.createdAt) {
            let since = max(old.lastUse?.at ?? new.createdAt, new.createdAt)
            let span = visit.formats.span(seconds: max(0, visit.now.seconds - since.seconds))
            silent = PairView.Silent(
                text: visit.say(\.key.silent, ["span": span]), href: "/api-keys/\(old.id)/revoke")
        }
        return PairView(
            lead: visit.say(\.key.pairLead, ["date": visit.formats.moment(end)]), keys: [before, after],
            silent: await may(.revokeKey, visit) ? silent : nil)
    }

    private func side(
        _ key: APIKey, _ label: KeyPath<Catalogue, Text>, _ visit: Visit, _ permit: OrganizationPermit
    ) async throws -> PairView.Key {
        let hour = visit.now.seconds / 3600 * 3600
        let query = UsageQuery(
            key: key.id, organization: key.organization, from: Timestamp(seconds: hour - 23 * 3600),
            to: Timestamp(seconds: hour + 3600), granularity: .hour)
        let report = try await administration.usage(query, permit)
        let calls = report.buckets.reduce(Int64(0)) { $0 + $1.counts.values.reduce(0, +) }
        return PairView.Key(
            href: "/api-keys/\(key.id)", label: visit.say(label), preview: key.preview,
            calls: visit.formats.number(calls),
            lastUsed: report.lastUse.map { visit.relative($0.at) } ?? visit.say(\.keys.neverUsed))
    }
}
