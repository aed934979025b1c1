import KeybearerVerification
import Testing

@testable import KeybearerAdministration

@Suite struct `The digest of a configuration` {
    private struct Unusable: Error {}

    private static func rules(
        resources: [String: [String]] = ["project": ["read", "deploy"]], prefix: String = "sk",
        roles: [String: [String]] = ["support": ["project:read", "project:deploy"]],
        plans: [String: Plan] = Plan.standard, peppers: Peppers = .none, management: Rules.KeyManagement = .owner,
        ceiling: Rules.Ceiling = .atCreation, cidr: Bool = false, selfService: Rules.SelfService = .init(),
        url: String = "http://localhost:8080", secret: [UInt8]? = nil, changes: Int = 1000
    ) throws -> Rules {
        guard let format = KeyFormat(prefix: prefix) else { throw Unusable() }
        let roles = Dictionary(
            uniqueKeysWithValues: try roles.map { name, permissions in
                guard let name = RoleName(name) else { throw Unusable() }
                return (name, PermissionSet(permissions.compactMap { Permission($0) }))
            })
        return Rules(
            catalogue: try PermissionCatalogue(resources: resources), roles: roles, plans: plans, keyFormat: format,
            peppers: peppers, keyManagement: management, ceiling: ceiling, acceptsCIDR: cidr, selfService: selfService,
            publicURL: url, auditSecret: secret, changesPerSecond: changes)
    }

    private static func pepper(_ id: String, _ byte: UInt8) throws -> Pepper {
        try #require(Pepper(id: id, secret: [UInt8](repeating: byte, count: 32)))
    }

    @Test func `differs with everything that changes a decision`() throws {
        var plans = Plan.standard
        plans["free"] = Plan(name: "free", activeKeys: 2, features: ["tenant_api_keys"], rateLimit: .smallest)
        var strict = Plan.standard
        strict["free"] = Plan(
            name: "free", activeKeys: 1, features: ["tenant_api_keys"],
            rateLimit: try #require(RateLimitPolicy(requests: 60, windowSeconds: 60)), isStrict: true)
        let one = try Self.pepper("a", 1)
        let variants = [
            try Self.rules(), try Self.rules(resources: ["project": ["read"]]), try Self.rules(prefix: "tk"),
            try Self.rules(roles: [:]), try Self.rules(roles: ["support": ["project:read"]]),
            try Self.rules(plans: plans), try Self.rules(plans: strict),
            try Self.rules(peppers: Peppers(current: one, retired: [])),
            try Self.rules(peppers: Peppers(current: try Self.pepper("a", 2), retired: [])),
            try Self.rules(peppers: Peppers(current: try Self.pepper("b", 1), retired: [])),
            try Self.rules(peppers: Peppers(current: nil, retired: [one])),
            try Self.rules(management: .permission), try Self.rules(ceiling: .live), try Self.rules(cidr: true),
            try Self.rules(selfService: .init(isEnabled: true)), try Self.rules(secret: [1]),
            try Self.rules(secret: [2]),
        ]
        #expect(Set(variants.map { $0.digest() }).count == variants.count)
        let routes = [["GET /a project:read"], ["GET /a project:read", ""], []]
        #expect(Set(try routes.map { try Self.rules().digest(and: $0) }).count == routes.count)
    }

    @Test func `is the same for what means the same, and for what may differ between nodes`() throws {
        let same = [
            try Self.rules(), try Self.rules(resources: ["project": ["deploy", "read"]]),
            try Self.rules(roles: ["support": ["project:deploy", "project:read", "project:read"]]),
            try Self.rules(url: "https://keys.tern.example"), try Self.rules(changes: 5),
        ]
        #expect(Set(same.map { $0.digest() }).count == 1)
    }
}
