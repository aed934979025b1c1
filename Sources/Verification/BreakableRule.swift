#if KEYBEARER_BREAKABLE
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif
#endif

/// Those of the rules between nodes that hold here. A debug build breaks the one that `BREAK_KEYBEARER_RULE` names, so
/// that the test which looks for violations can be shown to find them; in every other build this is nothing.
enum BreakableRule: String {
    /// A verification asks for the lease after it arrived, and looks into memory after that.
    case leaseIsAskedBeforeMemory
    /// What was read before a change does not enter memory after it.
    case loadsDoNotResurrect
    /// Whoever asks after a change does not wait for a load that began before it.
    case loadsAreNotJoinedAcrossChanges

    #if KEYBEARER_BREAKABLE
        private static let broken = getenv("BREAK_KEYBEARER_RULE").flatMap { Self(rawValue: String(cString: $0)) }
        var isBroken: Bool { Self.broken == self }
    #else
        var isBroken: Bool {
            @inline(__always) get { false }
        }
    #endif
}
