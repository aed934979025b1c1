import KeybearerAdministration

/// Whom a commit concerns beside the database.
enum Reach: Sendable {
    /// Nobody's memory holds any of it.
    case nothing
    /// New keys alone: a node that does not know them yet refuses them, which is safe.
    case additions
    case denials

    init(_ changes: [Change]) {
        let effective = changes.filter { $0.cacheEffect != nil }
        let adds = effective.allSatisfy { change in
            if case .insertKey = change { true } else { false }
        }
        self = effective.isEmpty ? .nothing : adds ? .additions : .denials
    }
}
