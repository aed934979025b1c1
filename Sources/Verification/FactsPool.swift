/// Facts that are in use, each once.
public final class FactsPool: Sendable {
    private let state = Guarded(State())

    public init() {}

    /// The member of the same content, or these facts as a new one.
    public func shared(_ facts: SharedFacts) -> SharedFacts { state.withLock { $0.shared(facts) } }

    var count: Int { state.withLock { $0.count } }
}

private struct State {
    /// What most facts differ in.
    struct Name: Hashable {
        let organization: OrganizationID
        let creator: String
        let grantedTexts: [String]

        init(_ facts: SharedFacts) {
            organization = facts.organization.id
            creator = facts.createdBy.id
            grantedTexts = facts.grantedTexts
        }
    }

    private static let fewest = 1024

    private var members: [Name: [SharedFacts]] = [:]
    private(set) var count = 0
    private var sweepAbove = Self.fewest

    mutating func shared(_ facts: SharedFacts) -> SharedFacts {
        let name = Name(facts)
        if let known = members[name]?.last(where: { $0.hasSameContent(as: facts) }) { return known }
        if count >= sweepAbove { sweep() }
        members[name, default: []].append(facts)
        count += 1
        return facts
    }

    /// Drops what no record refers to. The next sweep waits until what is left has doubled, so a sweep costs each new
    /// member a constant and memory is at most twice what is in use.
    private mutating func sweep() {
        count = 0
        for name in Array(members.keys) {
            var kept = members.removeValue(forKey: name) ?? []
            for index in kept.indices.reversed() where isKnownUniquelyReferenced(&kept[index]) {
                kept.remove(at: index)
            }
            count += kept.count
            if !kept.isEmpty { members[name] = kept }
        }
        sweepAbove = max(Self.fewest, 2 * count)
    }
}
