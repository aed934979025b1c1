import KeybearerVerification
import Testing

@testable import KeybearerAdministration

/// What may be given, against a model that knows only single actions.
@Suite struct `Giving` {
    private static let resources = ["project", "invoice", "api_key"]
    private static let actions = ["read", "create", "deploy"]
    private static let instances: [String?] = [nil, "a", "b"]

    /// Every single thing that one permission lets do, in a world with two instances of each resource.
    private static func effect(_ permission: String) -> Set<String> {
        let parts = permission.split(separator: ":").map(String.init)
        let place = parts[0].split(separator: "/").map(String.init)
        var effects: Set<String> = []
        for resource in resources where place[0] == "*" || place[0] == resource {
            for action in actions where parts[1] == "*" || parts[1] == action {
                for instance in instances where place.count == 1 || place[1] == instance {
                    effects.insert("\(resource)/\(instance ?? "-"):\(action)")
                }
            }
        }
        return effects
    }

    private static let pool: [String] = {
        var pool: [String] = []
        for resource in resources + ["*"] {
            for action in actions + ["*"] {
                pool.append("\(resource):\(action)")
                if resource != "*" { pool += ["\(resource)/a:\(action)", "\(resource)/b:\(action)"] }
            }
        }
        return pool
    }()

    @Test func `A3 in 100000 random pairs nothing that is given exceeds what the giver holds`() {
        var random = SplitMix(state: 20_261_121)
        var refused = 0
        for _ in 0..<100_000 {
            let held = Self.sample(&random)
            let given = Self.sample(&random)
            let authority = Authority(
                permissions: PermissionSet(held.compactMap { Permission($0) }), role: nil, parentKey: nil,
                isUnbounded: false)
            let isAllowed = (try? authority.mustHold(PermissionSet(given.compactMap { Permission($0) }))) != nil
            let heldEffects = held.reduce(into: Set<String>()) { $0.formUnion(Self.effect($1)) }
            let givenEffects = given.reduce(into: Set<String>()) { $0.formUnion(Self.effect($1)) }
            if isAllowed {
                #expect(givenEffects.isSubset(of: heldEffects), "\(held) gave \(given)")
            } else {
                refused += 1
            }
        }
        #expect((1000..<99_000).contains(refused))
    }

    @Test func `A3 an empty set gives nothing, and anything exceeds it`() {
        let nobody = Authority(permissions: PermissionSet([]), role: nil, parentKey: nil, isUnbounded: false)
        for text in Self.pool {
            #expect(throws: Failure.self) { try nobody.mustHold(PermissionSet([Permission(text)].compactMap { $0 })) }
        }
        #expect(throws: Never.self) { try nobody.mustHold(PermissionSet([])) }
    }

    private static func sample(_ random: inout SplitMix) -> [String] {
        (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in pool.randomElement(using: &random) }
    }
}

/// Seeded, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
