extension Verifier {
    /// Absent only where every form of the digest is.
    func find(_ candidates: [StoredDigest]) -> RecordCache.Lookup {
        var result = RecordCache.Lookup.absent
        for candidate in candidates {
            let found = cache.lookup(candidate)
            switch found {
            case .hit, .denied: return found
            case .miss: result = .miss
            case .absent: continue
            }
        }
        return result
    }

    /// How often memory is brought up to date for one call. While somebody commits again and again it may be behind by
    /// the time it is asked, several times in a row.
    private static var mostTries: Int { 10 }

    /// What is known of the key once memory is current. A lease that ends meanwhile is waited for again, but not
    /// for ever. The organization may want what `strict` asks for, which is known once the record is.
    func resolve(_ candidates: [StoredDigest], minimumRevision: Int64?, strict: Bool) async -> Found {
        do {
            let isBehind = minimumRevision.map { freshness.revision < $0 } ?? false
            var hasCaughtUp = strict || isBehind
            if hasCaughtUp { try await freshness.catchUp() }
            guard minimumRevision.map({ $0 <= freshness.revision }) ?? true else { return .unavailable }
            for _ in 0..<Self.mostTries {
                let early = BreakableRule.leaseIsAskedBeforeMemory.isBroken ? find(candidates) : nil
                if !freshness.isCurrent() { try await freshness.catchUp() }
                let revision = freshness.revision
                guard freshness.isCurrent() else { continue }
                let found: Found
                if let known = Found(early ?? find(candidates), revision: revision) {
                    found = known
                } else {
                    found = Found(try await cache.load(candidates, from: source), revision: revision)
                    guard freshness.isCurrent() else { continue }
                }
                guard found.isStrict, !hasCaughtUp else { return found }
                try await freshness.catchUp()
                hasCaughtUp = true
            }
        } catch {
            report(error)
        }
        return .unavailable
    }
}

/// What there is behind a digest.
enum Found {
    case record(KeyRecord, revision: Int64)
    case absent
    case denied
    case unavailable

    /// Nil where memory cannot say.
    init?(_ lookup: RecordCache.Lookup, revision: Int64) {
        switch lookup {
        case .hit(let record): self = .record(record, revision: revision)
        case .absent: self = .absent
        case .denied: self = .denied
        case .miss: return nil
        }
    }

    init(_ loaded: KeyRecord?, revision: Int64) {
        self = loaded.map { .record($0, revision: revision) } ?? .absent
    }

    var isStrict: Bool {
        if case .record(let record, _) = self { record.organization.isStrict } else { false }
    }

    /// What is answered where there is no record to decide about.
    var refusal: Verdict {
        switch self {
        case .record, .unavailable: .unavailable
        case .absent: .notFound
        case .denied: .revoked
        }
    }
}
