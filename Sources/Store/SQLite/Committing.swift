import Synchronization

/// Whether a transaction of this process writes to the file, from the moment on in which nobody else can until memory has
/// heard of its commit.
final class Committing: Sendable {
    private let flag = Atomic(false)

    var isUnderWay: Bool { flag.load(ordering: .acquiring) }

    /// One thread at a time.
    func during(_ body: () throws -> Void) rethrows {
        flag.store(true, ordering: .releasing)
        defer { flag.store(false, ordering: .releasing) }
        try body()
    }
}
