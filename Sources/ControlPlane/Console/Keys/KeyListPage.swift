import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct KeyListView: Sendable {
    let quota: QuotaView
    let canCreate: Bool
    let createOff: String?
    let isEmpty: Bool
    /// Whether keys that have ended are hidden behind the empty state.
    let hasPast: Bool
    let noMatch: Bool
    let hasRows: Bool
    let q: String
    let statuses: [ChoiceView]
    let sorts: [ChoiceView]
    let caption: String
    let rows: [Row]
    let pager: PagerView?

    struct Row: Sendable {
        let href: String
        let name: String
        let preview: String
        let status: String
        let tone: String
        let permissions: [String]
        let morePermissions: String?
        let noPermissions: Bool
        let addresses: String
        let lastUsed: String
        let lastUsedExact: String?
        let lastUsedISO: String
        let expires: String
        let expiresExact: String?
        let creator: String
        let created: String
        let canRevoke: Bool
        let revokeLabel: String
    }
}

struct ChoiceView: Sendable {
    let value: String
    let label: String
    let isCurrent: Bool
}

struct PagerView: Sendable {
    let previous: String?
    let next: String?
    let text: String
}

extension Console {
    static let pageSize = 20

    func keysPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let organization = try await administration.organization(permit)
        var search = KeySearch()
        search.status = KeyQuery.StatusFilter(rawValue: visit.form["status"]) ?? .active
        search.order = KeySearch.Order(rawValue: visit.form["sort"]) ?? .newest
        let text = visit.form.line("q")
        search.text = text.isEmpty ? nil : String(text.prefix(100))
        let number = min(max(Int(visit.form["page"]) ?? 1, 1), 100_000)
        search.offset = (number - 1) * Self.pageSize
        search.limit = Self.pageSize + 1
        let found = try await administration.searchKeys(search, permit)
        let shown = found.prefix(Self.pageSize)
        let isFiltered = visit.form.has("q") || visit.form.has("status") || number > 1
        let mayCreate = await may(.createKey, visit)
        let off = createOff(organization, visit) ?? (mayCreate ? nil : visit.say(\.keys.mayNotCreate))
        let mayRevoke = await may(.revokeKey, visit)
        let isEmpty = shown.isEmpty && !isFiltered && organization.activeKeys == 0
        let range = [
            "from": visit.formats.number(search.offset + 1), "to": visit.formats.number(search.offset + shown.count),
        ]
        let view = KeyListView(
            quota: quota(organization, visit), canCreate: off == nil, createOff: off,
            isEmpty: isEmpty, hasPast: isEmpty ? try await hasPast(permit) : false,
            noMatch: shown.isEmpty, hasRows: !shown.isEmpty, q: text, statuses: statuses(search.status, visit),
            sorts: sorts(search.order, visit), caption: visit.say(\.keys.caption, range),
            rows: shown.map { row($0, visit, canRevoke: mayRevoke) },
            pager: pager(search, number, hasMore: found.count > Self.pageSize, visit.say(\.common.range, range), text))
        return await page("keys", visit.say(\.keys.title), section: .keys, view, visit)
    }

    private func hasPast(_ permit: OrganizationPermit) async throws -> Bool {
        var search = KeySearch()
        search.status = .all
        search.limit = 1
        return try await !administration.searchKeys(search, permit).isEmpty
    }

    /// Whether the policy would let the visitor; what is offered follows it, what is done asks it again.
    func may(_ operation: Operation, _ visit: Visit) async -> Bool {
        guard let caller = visit.person?.caller else { return false }
        return await administration.isAllowed(operation, caller)
    }

    private func pager(_ search: KeySearch, _ number: Int, hasMore: Bool, _ text: String, _ q: String) -> PagerView? {
        guard number > 1 || hasMore else { return nil }
        func link(_ page: Int) -> String {
            "/api-keys?"
                + PageForm.encoded([
                    ("q", q), ("status", search.status.rawValue), ("sort", search.order.rawValue),
                    ("page", String(page)),
                ])
        }
        return PagerView(
            previous: number > 1 ? link(number - 1) : nil, next: hasMore ? link(number + 1) : nil, text: text)
    }

    private func statuses(_ current: KeyQuery.StatusFilter, _ visit: Visit) -> [ChoiceView] {
        let all: [(KeyQuery.StatusFilter, KeyPath<Catalogue, Text>)] = [
            (.active, \.keys.statusLive), (.expired, \.keys.expired), (.revoked, \.keys.revoked),
            (.all, \.keys.statusAll),
        ]
        return all.map { ChoiceView(value: $0.rawValue, label: visit.say($1), isCurrent: $0 == current) }
    }

    private func sorts(_ current: KeySearch.Order, _ visit: Visit) -> [ChoiceView] {
        let all: [(KeySearch.Order, KeyPath<Catalogue, Text>)] = [
            (.newest, \.keys.sortNewest), (.name, \.keys.sortName), (.used, \.keys.sortUsed),
            (.expiry, \.keys.sortExpiry),
        ]
        return all.map { ChoiceView(value: $0.rawValue, label: visit.say($1), isCurrent: $0 == current) }
    }

    private func row(_ key: APIKey, _ visit: Visit, canRevoke: Bool) -> KeyListView.Row {
        let status = key.status(at: visit.now)
        let permissions = key.permissions.map(\.description)
        let addresses = key.allowedIPs.map(\.description)
        let ends = key.overlapEndsAt ?? key.expiresAt
        return KeyListView.Row(
            href: "/api-keys/\(key.id)", name: key.name, preview: key.preview, status: visit.say(status.words),
            tone: status.tone, permissions: Array(permissions.prefix(3)),
            morePermissions: permissions.count > 3 ? visit.say(\.keys.more, permissions.count - 3) : nil,
            noPermissions: permissions.isEmpty,
            addresses: addresses.isEmpty
                ? visit.say(\.common.anyAddress)
                : addresses.count <= 2
                    ? addresses.joined(separator: ", ") : visit.say(\.keys.addresses, addresses.count),
            lastUsed: key.lastUse.map { visit.relative($0.at) } ?? visit.say(\.keys.neverUsed),
            lastUsedExact: key.lastUse.map { visit.formats.moment($0.at) },
            lastUsedISO: key.lastUse?.at.description ?? "",
            expires: ends.map { visit.relative($0) } ?? visit.say(\.common.never),
            expiresExact: ends.map { visit.formats.moment($0) }, creator: creator(key, visit),
            created: visit.formats.date(key.createdAt),
            canRevoke: canRevoke && status != .revoked,
            revokeLabel: visit.say(\.keys.revokeNamed, ["name": key.name]))
    }

    func creator(_ key: APIKey, _ visit: Visit) -> String {
        switch key.createdBy.kind {
        case .user: key.createdBy.name
        case .apiKey: visit.say(\.key.byKey, ["name": key.createdBy.name])
        case .operator: visit.say(\.key.byOperator)
        }
    }
}
