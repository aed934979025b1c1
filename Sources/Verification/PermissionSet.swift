/// What somebody holds, compiled once for matching. The empty set allows nothing.
///
/// Two sets are equal when they list the same permissions in the same order.
public struct PermissionSet: Sendable, Hashable {
    /// In the order given, each once.
    public let permissions: [Permission]
    // Kept apart so that a search that finds nothing reads one array of plain values, front to back.
    private let shapes: [Permission.Shape]

    public static let empty = PermissionSet([])

    public init(_ permissions: [Permission]) {
        var unique: [Permission] = []
        unique.reserveCapacity(permissions.count)
        if permissions.count <= 8 {
            // A role's, most often: comparing so few costs less than hashing them.
            for permission in permissions where !unique.contains(permission) { unique.append(permission) }
        } else {
            var seen: Set<Permission> = []
            for permission in permissions where seen.insert(permission).inserted { unique.append(permission) }
        }
        self.permissions = unique
        shapes = self.permissions.map(\.shape)
    }

    public var isEmpty: Bool { permissions.isEmpty }

    public func covers(_ asked: Permission) -> Bool { firstIndex(covering: asked) != nil }

    /// The position in `permissions` of the first that covers `asked`.
    public func firstIndex(covering asked: Permission) -> Int? {
        for index in shapes.indices where shapes[index].mayCover(asked.shape) {
            if shapes[index].isWhole || permissions[index].coversBytes(of: asked) { return index }
        }
        return nil
    }

    /// Those of `other` that `self` does not cover, in their order: what a holder of `self` may not give away.
    /// A wildcard is covered by a wildcard only, never by a list of everything it happens to stand for today.
    public func exceeding(_ other: PermissionSet) -> [Permission] {
        other.permissions.filter { !covers($0) }
    }

    public func union(_ other: PermissionSet) -> PermissionSet {
        PermissionSet(permissions + other.permissions)
    }

    public static func == (left: PermissionSet, right: PermissionSet) -> Bool {
        left.permissions == right.permissions
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(permissions) }
}
