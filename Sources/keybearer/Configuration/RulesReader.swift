import Foundation
import KeybearerAdministration
import KeybearerVerification
import Yams

extension SettingReader {
    func rules() throws -> Rules {
        let prefix = try text("keys.prefix")
        guard let format = KeyFormat(prefix: prefix) else {
            throw try value("keys.prefix").fault("has 2 to 16 of a-z, 0-9 and _, and is neither kbs nor kbo")
        }
        let catalogue = try catalogue()
        let plans = try plans()
        let defaultPlan = try text("organizations.default_plan")
        guard plans[defaultPlan] != nil else {
            throw try value("organizations.default_plan").fault("names a plan that is not configured")
        }
        return Rules(
            catalogue: catalogue, roles: try roles(catalogue), plans: plans, keyFormat: format,
            peppers: try peppers(), keyManagement: try choice("keys.managed_by"), ceiling: try choice("keys.ceiling"),
            acceptsCIDR: try flag("keys.cidr"),
            selfService: Rules.SelfService(
                isEnabled: try flag("organizations.self_service"), defaultPlan: defaultPlan,
                perPerson: try number("organizations.per_person")),
            publicURL: try publicURL(), auditSecret: try secret("audit.secret", atLeast: 32),
            changesPerSecond: try number("control.changes_per_second"),
            retention: Retention(
                usageDays: try optionalNumber("retention.usage_days"),
                auditDays: try optionalNumber("retention.audit_days")))
    }

    private func publicURL() throws -> String {
        let text = try text("control.public_url")
        let value = try value("control.public_url")
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            url.query == nil, url.fragment == nil, url.scheme == "http" || url.scheme == "https"
        else { throw value.fault("is http://HOST or https://HOST") }
        let isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard url.scheme == "https" || isLoopback else {
            throw value.fault("is https, unless it is a loopback address: session cookies must not travel in clear")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private func catalogue() throws -> PermissionCatalogue {
        let value = try value("permissions")
        var resources: [String: [String]] = [:]
        for (name, actions) in value.node.mapping ?? Node.Mapping([]) {
            resources[name.string ?? ""] = try strings(actions, value)
        }
        do {
            return try PermissionCatalogue(resources: resources)
        } catch {
            throw value.fault("\(error)")
        }
    }

    private func roles(_ catalogue: PermissionCatalogue) throws -> [RoleName: PermissionSet] {
        let value = try value("roles")
        var roles: [RoleName: PermissionSet] = [:]
        for (name, list) in value.node.mapping ?? Node.Mapping([]) {
            guard let role = RoleName(name.string ?? "") else {
                throw value.fault("a role's name has a-z, 0-9, _ and -", at: name)
            }
            let permissions = try strings(list, value).compactMap { text -> Permission? in
                guard let permission = Permission(text), catalogue.contains(permission) else {
                    // The standard roles may name what the configuration took out of the catalogue.
                    if case .standard = value.origin { return nil }
                    if Self.standardRoles.contains(role.description) { return nil }
                    throw value.fault("\(role): \(text) is not in the catalogue (permissions)", at: list)
                }
                return permission
            }
            roles[role] = PermissionSet(permissions)
        }
        return roles
    }

    private static let standardRoles: Set<String> = ["support"]

    private func plans() throws -> [String: Plan] {
        let value = try value("plans")
        var plans: [String: Plan] = [:]
        for (name, node) in value.node.mapping ?? Node.Mapping([]) {
            guard let name = name.string, Slug(name) != nil, let plan = node.mapping else {
                throw value.fault("a plan is NAME: {active_keys, features, rate_limit}", at: node)
            }
            let known: Set<String> = ["active_keys", "features", "rate_limit", "organization_rate_limit", "strict"]
            for (key, _) in plan where !known.contains(key.string ?? "") {
                throw value.fault("\(name).\(key.string ?? "?"): there is no such setting", at: key)
            }
            guard let limit = plan["rate_limit"] else {
                throw value.fault("\(name).rate_limit has to be set", at: node)
            }
            plans[name] = Plan(
                name: name, activeKeys: try activeKeys(plan["active_keys"], name, value),
                features: try plan["features"].map { try strings($0, value) } ?? [],
                rateLimit: try policy(limit, name, value),
                organizationRateLimit: try plan["organization_rate_limit"].flatMap {
                    $0.isNull ? nil : try policy($0, name, value)
                }, isStrict: try isStrict(plan["strict"], name, value))
        }
        return plans
    }

    private func activeKeys(_ node: Node?, _ plan: String, _ value: SettingValue) throws -> Int? {
        guard let text = node?.plainText else { throw value.fault("\(plan).active_keys has to be set", at: node) }
        if text == "unlimited" { return nil }
        guard let number = Int(text), (0...1_000_000_000).contains(number) else {
            throw value.fault("\(plan).active_keys is a number or unlimited", at: node)
        }
        return number
    }

    private func isStrict(_ node: Node?, _ plan: String, _ value: SettingValue) throws -> Bool {
        switch node?.plainText {
        case nil where node == nil, "false": return false
        case "true": return true
        default: throw value.fault("\(plan).strict is true or false", at: node)
        }
    }

    private func policy(_ node: Node, _ plan: String, _ value: SettingValue) throws -> RateLimitPolicy {
        guard let mapping = node.mapping, mapping.count == 2, let requests = mapping["requests"]?.plainText,
            let seconds = mapping["window_seconds"]?.plainText, let requests = Int(requests),
            let seconds = Int(seconds),
            let policy = RateLimitPolicy(requests: requests, windowSeconds: seconds)
        else {
            throw value.fault("\(plan): a limit is {requests, window_seconds}, each 1 to 1000000000", at: node)
        }
        return policy
    }

    private func peppers() throws -> Peppers {
        let current = try value("keys.pepper")
        let retired = try value("keys.retired_peppers")
        guard let older = retired.node.sequence else { throw retired.fault("is a list") }
        return Peppers(
            current: current.node.isNull ? nil : try pepper(current.node, current),
            retired: try older.map { try pepper($0, retired) })
    }

    private func pepper(_ node: Node, _ value: SettingValue) throws -> Pepper {
        let detail = "a pepper is {id, file} or {id, env} with a secret of 32 bytes or more"
        guard let id = node.mapping?["id"]?.plainText, let secret = try secret(node, value, atLeast: 32),
            let pepper = Pepper(id: id, secret: secret)
        else { throw value.fault(detail, at: node) }
        return pepper
    }
}
