import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct KeyView: Sendable {
    var problem: ProblemView?
    let href: String
    let name: String
    let preview: String
    let status: String
    let tone: String
    let canEdit: Bool
    let canRotate: Bool
    let canDisable: Bool
    let canEnable: Bool
    let canRevoke: Bool
    let reasons: [String]
    let pair: PairView?
    let facts: [FactView]
    let noPermissions: Bool
    let hasPermissions: Bool
    let permissions: [Grant]
    let unusedHint: String?
    let spans: [Frame.Link]
    let noUsage: Bool
    let hasUsage: Bool
    /// An SVG; everything in it is escaped.
    let chart: String
    let legend: [KeyUsageView.Legend]
    let usageCaption: String
    let buckets: [KeyUsageView.Bucket]
    let noDenials: Bool
    let hasDenials: Bool
    let denials: [KeyUsageView.Denial]
    let explainPermission: String
    let explainIP: String
    let permissionExample: String
    let knownPermissions: [String]
    let explanation: ExplanationView?
    let audit: HistoryView?

    struct Grant: Sendable {
        let text: String
        let isUsed: Bool
        let use: String
    }
}

struct ExplanationView: Sendable {
    let verdict: String
    let tone: String
    let text: String
    let checks: [Check]

    struct Check: Sendable {
        let name: String
        let tone: String
        let result: String
        let decides: Bool
    }
}

struct HistoryView: Sendable {
    let events: [EventView]
}

extension Console {
    func keyPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try visit.call.id("id"), permit)
        return try await keyPage(visit, key, permit, explanation: nil, problem: nil, status: 200)
    }

    func explainKey(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let key = try await administration.key(try visit.call.id("id"), permit)
        let (permission, address) = (visit.form.line("permission"), visit.form.line("ip"))
        do {
            let explanation = try await administration.explain(
                key.id, permission: permission.isEmpty ? nil : permission, address: address.isEmpty ? nil : address,
                permit)
            return try await keyPage(visit, key, permit, explanation: explanation, problem: nil, status: 200)
        } catch let failure as Failure where failure.code.status == 422 {
            return try await keyPage(
                visit, key, permit, explanation: nil, problem: problem(failure, visit), status: 422)
        }
    }

    private func keyPage(
        _ visit: Visit, _ key: APIKey, _ permit: OrganizationPermit, explanation: Explanation?,
        problem: ProblemView?, status pageStatus: Int
    ) async throws -> Reply {
        let status = key.status(at: visit.now)
        let isMonth = visit.form["span"] == "month"
        let usage = try await KeyUsageView(key, isMonth: isMonth, visit, administration, permit)
        let hasCreator = try await hasCreator(key, permit)
        let isLive = key.isLive(at: visit.now)
        let mayUpdate = await may(.updateKey, visit)
        let mayRotate = await may(.rotateKey, visit)
        let mayRevoke = await may(.revokeKey, visit)
        let grants = grants(key, usage.report, visit)
        let unused = grants.count { !$0.isUsed }
        let view = KeyView(
            problem: problem, href: "/api-keys/\(key.id)", name: key.name, preview: key.preview,
            status: visit.say(status.words), tone: status.tone, canEdit: mayUpdate && status != .revoked,
            canRotate: mayRotate && status == .active, canDisable: mayUpdate && isLive && !key.isDisabled,
            canEnable: mayUpdate && status == .disabled, canRevoke: mayRevoke && status != .revoked,
            reasons: reasons(key, hasCreator: hasCreator, visit), pair: try await pair(key, visit, permit),
            facts: try await facts(key, hasCreator: hasCreator, visit, permit), noPermissions: grants.isEmpty,
            hasPermissions: !grants.isEmpty, permissions: grants,
            unusedHint: unused > 0 && key.lastUse != nil ? visit.say(\.key.unusedHint, unused) : nil,
            spans: [
                Frame.Link(href: "/api-keys/\(key.id)", label: visit.say(\.key.day), isCurrent: !isMonth),
                Frame.Link(href: "/api-keys/\(key.id)?span=month", label: visit.say(\.key.month), isCurrent: isMonth),
            ],
            noUsage: usage.legend.isEmpty, hasUsage: !usage.legend.isEmpty, chart: usage.chart, legend: usage.legend,
            usageCaption: usage.caption, buckets: usage.buckets, noDenials: usage.denials.isEmpty,
            hasDenials: !usage.denials.isEmpty, denials: usage.denials,
            explainPermission: visit.form.line("permission"),
            explainIP: visit.form.line("ip"), permissionExample: requestable.first ?? "project:read",
            knownPermissions: requestable, explanation: explanation.map { explained($0, visit) },
            audit: try await history(key, visit))
        return await page("key", key.name, section: .keys, view, visit, status: pageStatus)
    }

    /// What a call may ask for.
    private var requestable: [String] {
        (rules.catalogue.productResources + rules.catalogue.ownResources)
            .flatMap { resource in resource.actions.map { "\(resource.name):\($0)" } }
    }

    private func hasCreator(_ key: APIKey, _ permit: OrganizationPermit) async throws -> Bool {
        guard key.createdBy.kind == .user, let id = UserID(key.createdBy.id) else { return true }
        do {
            _ = try await administration.member(id, permit)
            return true
        } catch let failure as Failure where failure.code == .notFound {
            return false
        }
    }

    private func grants(_ key: APIKey, _ report: UsageReport, _ visit: Visit) -> [KeyView.Grant] {
        let monthAgo = visit.now.adding(seconds: -30 * 86_400)
        return key.permissions.map { permission in
            let use = report.permissionLastUse[permission.description].flatMap { $0 >= monthAgo ? $0 : nil }
            return KeyView.Grant(
                text: permission.description, isUsed: use != nil,
                // Known by the hour: the end of that hour is the latest that it can have been.
                use: use.map { visit.relative(min($0.adding(seconds: 3600), visit.now)) }
                    ?? visit.say(\.key.notUsed))
        }
    }

    private func facts(
        _ key: APIKey, hasCreator: Bool, _ visit: Visit, _ permit: OrganizationPermit
    ) async throws -> [FactView] {
        let formats = visit.formats
        var facts = [
            FactView(label: visit.say(\.key.identifier), value: key.id.description),
            FactView(
                label: visit.say(\.keys.createdBy), value: creator(key, visit),
                detail: hasCreator ? nil : visit.say(\.key.creatorLeft)),
            FactView(label: visit.say(\.key.created), value: formats.moment(key.createdAt)),
            FactView(
                label: visit.say(\.keys.lastUsed),
                value: key.lastUse.map { visit.relative($0.at) } ?? visit.say(\.keys.neverUsed),
                detail: key.lastUse.map { use in
                    let address = use.address.map { visit.say(\.key.fromAddress, ["ip": $0.description]) }
                    return [formats.moment(use.at), address].compactMap { $0 }.joined(separator: " ")
                }),
            FactView(
                label: visit.say(\.keys.expires),
                value: key.expiresAt.map { visit.relative($0) } ?? visit.say(\.common.never),
                detail: key.expiresAt.map { formats.moment($0) }),
            FactView(
                label: visit.say(\.keys.allowedIPs),
                value: key.allowedIPs.isEmpty
                    ? visit.say(\.common.anyAddress) : key.allowedIPs.map(\.description).joined(separator: ", ")),
        ]
        let plan = rules.plan(permit.scope.organization.plan)
        let limit = key.rateLimit ?? plan.rateLimit
        facts.append(
            FactView(
                label: visit.say(\.key.rateLimit),
                value: visit.say(
                    \.key.rate,
                    [
                        "n": formats.number(limit.requests),
                        "span": formats.span(seconds: Int64(limit.windowSeconds)),
                    ])))
        if !key.labels.isEmpty {
            let labels = key.labels.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
            facts.append(FactView(label: visit.say(\.form.labels), value: labels))
        }
        if let end = key.overlapEndsAt {
            facts.append(FactView(label: visit.say(\.key.endsAt), value: formats.moment(end)))
        }
        if let revocation = key.revocation {
            facts.append(FactView(label: visit.say(\.key.revokedAt), value: formats.moment(revocation.at)))
            if let reason = revocation.reason {
                facts.append(FactView(label: visit.say(\.key.reasonFact), value: reason))
            }
        }
        if let former = key.rotatedFrom {
            facts.append(FactView(label: visit.say(\.key.rotatedFrom), value: former.description))
        }
        return facts
    }

    private func explained(_ explanation: Explanation, _ visit: Visit) -> ExplanationView {
        let isAllowed = explanation.verdict == .valid
        return ExplanationView(
            verdict: visit.say(isAllowed ? \.key.allowed : \.key.refused), tone: isAllowed ? "good" : "bad",
            text: visit.say(isAllowed ? \.key.allowedText : explanation.verdict.words),
            checks: explanation.checks.map { check in
                ExplanationView.Check(
                    name: checkName(check.name, visit), tone: check.passed ? "good" : "bad",
                    result: visit.say(check.passed ? \.key.passes : \.key.fails), decides: check.isDecisive)
            })
    }

    private func checkName(_ name: String, _ visit: Visit) -> String {
        switch name {
        case "revocation": visit.say(\.key.checkRevocation)
        case "expiry": visit.say(\.key.checkExpiry)
        case "enabled": visit.say(\.key.checkEnabled)
        case "organization": visit.say(\.key.checkOrganization)
        case "ip": visit.say(\.key.checkAddress)
        case "permission": visit.say(\.key.checkPermission)
        case "rate_limit": visit.say(\.key.checkRateLimit)
        default: name
        }
    }

    /// The log of this key, for whoever may read the log.
    private func history(_ key: APIKey, _ visit: Visit) async throws -> HistoryView? {
        guard let caller = visit.person?.caller, await may(.listAuditEvents, visit) else { return nil }
        let permit = try await administration.organizationPermit(.listAuditEvents, caller)
        let events = try await administration.auditEvents(
            action: nil, actor: nil, target: key.id.description, from: nil, to: nil, before: nil, limit: 20, permit)
        let names = try await administration.names(in: events, permit)
        return HistoryView(events: events.map { eventView($0, names, visit) })
    }
}
