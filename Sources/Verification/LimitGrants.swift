/// Where nodes that share a rate limit get what each of them may admit.
public protocol LimitGrants: Sendable {
    /// A portion of what is left of the holder's window, for this node alone; 0 where nothing is.
    ///
    /// - Parameters:
    ///   - windowEnd: of the window, in seconds since 1970.
    ///   - cost: what the portion must be good for at least, where that much is left.
    /// - Throws: where it cannot be told; then nothing was taken, or is lost for this window.
    func grant(to holder: LimitHolder, _ policy: RateLimitPolicy, windowEnd: Int64, cost: Int) async throws -> Int
}

/// Whose calls a limit counts.
public enum LimitHolder: Hashable, Sendable, CustomStringConvertible {
    case key(KeyID)
    case organization(OrganizationID)

    public var description: String {
        switch self {
        case .key(let id): id.description
        case .organization(let id): id.description
        }
    }
}

/// A call that this node cannot admit by what it holds, and whose window may have more.
struct GrantWish: Sendable {
    let holder: LimitHolder
    let policy: RateLimitPolicy
    let windowEnd: Int64
    let cost: Int
    /// Of the key whose limit it is.
    let digest: StoredDigest?
}

/// Asks for portions of shared windows, one question at a time for each holder, and remembers which have no more.
final class GrantedLimits: Sendable {
    private struct Standing {
        var windowEnd: Int64
        /// Until then, in seconds, nothing is asked: for the window's end where it is used up, for a moment where nobody
        /// answered.
        var silentUntil: Int64 = .min
        var question: Task<Int, Never>?
    }

    private let source: any LimitGrants
    private let clock: WallClock
    private let standings = Guarded<[LimitHolder: Standing]>([:])
    /// Takes in what was granted.
    private let give: @Sendable (_ amount: Int, GrantWish) -> Void

    init(
        _ source: any LimitGrants, clock: WallClock, give: @escaping @Sendable (_ amount: Int, GrantWish) -> Void
    ) {
        self.source = source
        self.clock = clock
        self.give = give
    }

    private static let most = 65_536

    /// Whether asking could help.
    func mayGrow(_ holder: LimitHolder, windowEnd: Int64) -> Bool {
        standings.withLock { standings in
            guard let standing = standings[holder], standing.windowEnd == windowEnd else { return true }
            return standing.silentUntil <= clock.now().seconds
        }
    }

    /// Waits for a portion.
    ///
    /// - Returns: whether there was one; the window then has it.
    func obtain(_ wish: GrantWish) async -> Bool {
        guard let question = question(wish) else { return false }
        return await question.value > 0
    }

    /// Asks for the next portion before the last is used up, without waiting for it.
    func askAhead(_ wish: GrantWish) { _ = question(wish) }

    private func question(_ wish: GrantWish) -> Task<Int, Never>? {
        let now = clock.now().seconds
        return standings.withLock { standings in
            var standing = standings[wish.holder] ?? Standing(windowEnd: wish.windowEnd)
            if standing.windowEnd != wish.windowEnd { standing = Standing(windowEnd: wish.windowEnd) }
            if let question = standing.question { return question }
            guard standing.silentUntil <= now else { return nil }
            if standings.count >= Self.most { standings = standings.filter { $0.value.windowEnd > now } }
            let question = Task { await self.ask(wish) }
            standing.question = question
            standings[wish.holder] = standing
            return question
        }
    }

    private func ask(_ wish: GrantWish) async -> Int {
        var granted = 0
        var silentUntil = Int64.min
        do {
            granted = try await source.grant(
                to: wish.holder, wish.policy, windowEnd: wish.windowEnd, cost: wish.cost)
            if granted == 0 { silentUntil = wish.windowEnd }
        } catch {
            silentUntil = clock.now().seconds + 1
        }
        // Before anybody hears of it.
        if granted > 0 { give(granted, wish) }
        standings.withLock { standings in
            guard standings[wish.holder]?.windowEnd == wish.windowEnd else { return }
            standings[wish.holder]?.question = nil
            standings[wish.holder]?.silentUntil = silentUntil
        }
        return granted
    }
}
