/// Why an operator's catalogue cannot be used.
public enum CatalogueError: Error, Hashable, Sendable {
    /// Not `[a-z][a-z0-9_]*` of at most 64 bytes.
    case invalidResource(String)
    case invalidAction(resource: String, action: String)
    case repeatedAction(resource: String, action: String)
    case noActions(resource: String)
    /// Keybearer's own resources are the same everywhere.
    case redefinesBuiltIn(String)
}

/// The resources and actions that exist: the operator's, and Keybearer's own. What is not in it matches nothing.
public struct PermissionCatalogue: Sendable {
    /// Sorted by name; the actions in the order the operator wrote them.
    public let resources: [(name: String, actions: [String])]
    private let actionsByResource: [[UInt8]: Set<[UInt8]>]
    private let allActions: Set<[UInt8]>
    private let builtInNames: Set<[UInt8]>

    /// Keybearer's own resources alone.
    public static let builtIn = PermissionCatalogue(checked: [:])

    private static let builtInResources: [String: [String]] = [
        "organization": ["read", "update"],
        "member": ["read", "manage"],
        "role": ["read", "manage"],
        "api_key": ["read", "create", "update", "revoke"],
        "audit": ["read"],
    ]

    /// - Parameter resources: the operator's resources, each with its actions.
    public init(resources: [String: [String]]) throws(CatalogueError) {
        for (resource, actions) in resources {
            guard PermissionGrammar.isName(resource.utf8) else { throw .invalidResource(resource) }
            guard Self.builtInResources[resource] == nil else { throw .redefinesBuiltIn(resource) }
            guard !actions.isEmpty else { throw .noActions(resource: resource) }
            var seen: Set<String> = []
            for action in actions {
                guard PermissionGrammar.isName(action.utf8) else {
                    throw .invalidAction(resource: resource, action: action)
                }
                guard seen.insert(action).inserted else { throw .repeatedAction(resource: resource, action: action) }
            }
        }
        self.init(checked: resources)
    }

    private init(checked operators: [String: [String]]) {
        let all = Self.builtInResources.merging(operators) { builtIn, _ in builtIn }
        resources = all.sorted { $0.key < $1.key }.map { (name: $0.key, actions: $0.value) }
        var byResource: [[UInt8]: Set<[UInt8]>] = [:]
        for (name, actions) in all { byResource[Array(name.utf8)] = Set(actions.map { Array($0.utf8) }) }
        actionsByResource = byResource
        allActions = byResource.values.reduce(into: []) { $0.formUnion($1) }
        builtInNames = Set(Self.builtInResources.keys.map { Array($0.utf8) })
    }

    /// Whether the permission can match anything: its resource and action are known, or `*`. Keybearer's own
    /// resources have no instances.
    public func contains(_ permission: Permission) -> Bool {
        let action = Array(permission.bytes[permission.shape.action])
        guard !permission.shape.anyResource else { return permission.shape.anyAction || allActions.contains(action) }
        let resource = Array(permission.bytes[permission.shape.resource])
        guard let actions = actionsByResource[resource] else { return false }
        guard permission.shape.instance.isEmpty || !builtInNames.contains(resource) else { return false }
        return permission.shape.anyAction || actions.contains(action)
    }

    /// Whether a call may ask for it: contained, and without `*`.
    public func isRequestable(_ permission: Permission) -> Bool {
        !permission.hasWildcard && contains(permission)
    }

    /// The given permissions without those that are gone from the catalogue.
    public func effective(_ permissions: [Permission]) -> PermissionSet {
        PermissionSet(permissions.filter(contains))
    }

    /// `*:*`.
    public var ownerSet: PermissionSet { compiled(["*:*"]) }

    /// Every resource but API keys and roles.
    public var adminSet: PermissionSet {
        compiled(resources.map(\.name).filter { $0 != "api_key" && $0 != "role" }.map { $0 + ":*" })
    }

    /// `read` on the operator's resources that have it, the organization and its members.
    public var memberSet: PermissionSet {
        let readable = resources.filter { resource in
            let isBuiltIn = Self.builtInResources[resource.name] != nil
            return resource.actions.contains("read")
                && (!isBuiltIn || resource.name == "organization" || resource.name == "member")
        }
        return compiled(readable.map { $0.name + ":read" })
    }

    private func compiled(_ texts: [String]) -> PermissionSet { PermissionSet(texts.compactMap { Permission($0) }) }
}
