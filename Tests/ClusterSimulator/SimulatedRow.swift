import KeybearerCluster

/// A change of one key: from now on refused, or accepted again.
struct SimulatedRow: Change {
    let revision: Int64
    let key: Int
    let denies: Bool
    let link: UInt64

    init(revision: Int64, key: Int, denies: Bool, behind previous: UInt64) {
        self.revision = revision
        self.key = key
        self.denies = denies
        link = Self.link(revision, key, denies, previous)
    }

    private init(damaged row: SimulatedRow) {
        // Another key, which the reader then forgets in place of the right one.
        (revision, key, denies, link) = (row.revision, row.key == 0 ? 1 : 0, row.denies, row.link)
    }

    var damaged: SimulatedRow { SimulatedRow(damaged: self) }

    func stands(behind previous: UInt64) -> Bool { link == Self.link(revision, key, denies, previous) }

    private static func link(_ revision: Int64, _ key: Int, _ denies: Bool, _ previous: UInt64) -> UInt64 {
        Randomness.mixed(Randomness.mixed(previous &+ UInt64(revision)) &+ UInt64(key * 2 + (denies ? 1 : 0)))
    }
}
