/// What one key did since the last drain.
struct KeyUsage {
    private struct Hour {
        let start: Timestamp
        var counts = InlineArray<12, Int>(repeating: 0)
    }

    // More only pile up where nobody drains; what is oldest goes then.
    private static let mostHours = 48
    private static let mostPermissions = 200
    private static let mostDenials = 20

    let organization: OrganizationID
    private var hours: [Hour] = []
    private var lastUse: (at: Timestamp, address: IPAddress?)?
    private var granted: [(permission: Permission, hourStart: Timestamp)] = []
    private var denials: [(at: Timestamp, verdict: Verdict, address: IPAddress?, asked: Permission?)] = []
    private var oldestDenial = 0

    init(organization: OrganizationID) { self.organization = organization }

    mutating func count(_ verdict: Verdict, at now: Timestamp) {
        let start = now.hourStart
        // Threads come a little out of order, so the hour is nearly always the last and sometimes the one before.
        if let index = hours.lastIndex(where: { $0.start == start }) {
            hours[index].counts[verdict.position] += 1
            return
        }
        if hours.count == Self.mostHours { hours.removeFirst() }
        var hour = Hour(start: start)
        hour.counts[verdict.position] = 1
        hours.append(hour)
    }

    mutating func use(_ permission: Permission?, _ address: IPAddress?, at now: Timestamp) {
        if lastUse.map({ $0.at <= now }) ?? true { lastUse = (now, address) }
        guard let permission else { return }
        if let index = granted.firstIndex(where: { $0.permission == permission }) {
            granted[index].hourStart = max(granted[index].hourStart, now.hourStart)
        } else if granted.count < Self.mostPermissions {
            granted.append((permission, now.hourStart))
        }
    }

    mutating func deny(_ verdict: Verdict, _ asked: Permission?, _ address: IPAddress?, at now: Timestamp) {
        guard denials.count == Self.mostDenials else { return denials.append((now, verdict, address, asked)) }
        denials[oldestDenial] = (now, verdict, address, asked)
        oldestDenial = (oldestDenial + 1) % Self.mostDenials
    }

    func append(to batch: inout UsageBatch, key: KeyID) {
        for hour in hours {
            for verdict in Verdict.allCases where hour.counts[verdict.position] > 0 {
                batch.hourly.append(
                    HourlyCount(
                        key: key, organization: organization, hourStart: hour.start, verdict: verdict,
                        count: hour.counts[verdict.position]))
            }
        }
        if let lastUse {
            batch.lastUsed.append(
                LastUse(key: key, organization: organization, at: lastUse.at, address: lastUse.address))
        }
        for use in granted {
            batch.permissionUse.append(
                PermissionUse(
                    key: key, organization: organization, permission: use.permission.description,
                    hourStart: use.hourStart))
        }
        for denial in denials[oldestDenial...] + denials[..<oldestDenial] {
            batch.denials.append(
                Denial(
                    key: key, organization: organization, at: denial.at, verdict: denial.verdict,
                    address: denial.address, permission: denial.asked?.description))
        }
    }
}

extension Timestamp {
    var hourStart: Timestamp {
        let seconds = seconds
        return Timestamp(seconds: seconds - (seconds % 3600 + 3600) % 3600)
    }
}

extension Verdict {
    /// In `allCases`, for tables with one place for each verdict.
    var position: Int {
        switch self {
        case .valid: 0
        case .missing: 1
        case .malformed: 2
        case .notFound: 3
        case .revoked: 4
        case .expired: 5
        case .disabled: 6
        case .organizationSuspended: 7
        case .ipNotAllowed: 8
        case .insufficientPermissions: 9
        case .rateLimited: 10
        case .unavailable: 11
        }
    }
}
