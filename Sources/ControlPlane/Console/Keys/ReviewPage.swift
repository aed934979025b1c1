import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct ReviewView: Sendable {
    let isClean: Bool
    let sections: [Part]

    struct Part: Sendable {
        let title: String
        let why: String
        let tone: String
        let count: String
        let rows: [Row]
        let more: String?
    }

    struct Row: Sendable {
        let href: String
        let name: String
        let preview: String
        let detail: String
        /// Nil for whoever may read keys and not revoke them.
        let revokeLabel: String?
    }
}

extension Console {
    private static let reviewSize = 10

    func reviewPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let findings = try await administration.review(limit: Self.reviewSize + 1, permit)
        let mayRevoke = await may(.revokeKey, visit)
        let view = ReviewView(
            isClean: findings.isEmpty, sections: findings.map { part($0, canRevoke: mayRevoke, visit) })
        return await page("review", visit.say(\.review.title), section: .review, view, visit)
    }

    private func part(_ finding: ReviewFinding, canRevoke: Bool, _ visit: Visit) -> ReviewView.Part {
        let (title, why) = finding.reason.words
        let shown = finding.keys.prefix(Self.reviewSize)
        let hasMore = finding.keys.count > shown.count
        let number = visit.formats.number(shown.count)
        return ReviewView.Part(
            title: visit.say(title), why: visit.say(why), tone: finding.reason.tone,
            count: hasMore ? "\(number)+" : number,
            rows: shown.map { key in
                ReviewView.Row(
                    href: "/api-keys/\(key.id)", name: key.name, preview: key.preview,
                    detail: detail(finding.reason, key, visit),
                    revokeLabel: canRevoke ? visit.say(\.keys.revokeNamed, ["name": key.name]) : nil)
            },
            more: hasMore ? visit.say(\.review.more, ["n": number]) : nil)
    }

    private func detail(_ reason: ReviewReason, _ key: APIKey, _ visit: Visit) -> String {
        switch reason {
        case .creatorLeft: visit.say(\.review.leftDetail, ["name": key.createdBy.name])
        case .expiring:
            visit.say(\.review.expiringDetail, ["when": key.expiresAt.map { visit.relative($0) } ?? ""])
        case .unused:
            visit.say(\.key.lastUsedNote, ["when": key.lastUse.map { visit.relative($0.at) } ?? ""])
        case .neverUsed, .allowedNothing, .allowedEverything:
            visit.say(\.review.createdDetail, ["when": visit.relative(key.createdAt)])
        }
    }

    /// What the review says of one key.
    func reasons(_ key: APIKey, hasCreator: Bool, _ visit: Visit) -> [String] {
        guard key.isLive(at: visit.now), key.overlapEndsAt == nil else { return [] }
        var reasons: [ReviewReason] = []
        if !hasCreator { reasons.append(.creatorLeft) }
        if key.permissions.contains(where: { $0.description == "*:*" }) { reasons.append(.allowedEverything) }
        if let end = key.expiresAt, end <= visit.now.adding(seconds: 14 * 86_400) { reasons.append(.expiring) }
        if let use = key.lastUse, use.at < visit.now.adding(seconds: -30 * 86_400) { reasons.append(.unused) }
        return reasons.map { reason in
            let (title, why) = reason.words
            return "\(visit.say(title)). \(visit.say(why))"
        }
    }
}

extension ReviewReason {
    fileprivate var words: (KeyPath<Catalogue, Text>, KeyPath<Catalogue, Text>) {
        switch self {
        case .creatorLeft: (\.review.left, \.review.leftWhy)
        case .allowedEverything: (\.review.everything, \.review.everythingWhy)
        case .expiring: (\.review.expiring, \.review.expiringWhy)
        case .unused: (\.review.unused, \.review.unusedWhy)
        case .neverUsed: (\.review.neverUsed, \.review.neverUsedWhy)
        case .allowedNothing: (\.review.nothing, \.review.nothingWhy)
        }
    }

    fileprivate var tone: String {
        switch self {
        case .creatorLeft, .allowedEverything: "bad"
        case .expiring, .unused: "warn"
        case .neverUsed, .allowedNothing: ""
        }
    }
}
