import KeybearerAdministration
import KeybearerControlPlane
import KeybearerEmbedding
import KeybearerVerification

/// What Harbor tells Keybearer: how its keys look, who manages them, and what there is to permit.
enum HarborKeys {
    static let permissions = [
        "project": ["read", "create", "deploy", "delete"], "log": ["read"], "metric": ["read"], "build": ["read"],
        "database": ["read", "create", "rotate", "delete"], "billing": ["read"],
        "github": ["read", "connect", "disconnect"], "ai_key": ["read", "create", "use", "delete"],
    ]

    static let roles = [
        "deployer": ["project:read", "project:deploy", "build:read", "api_key:read", "api_key:create"],
        "accountant": ["billing:read"],
    ]

    /// - Parameter publicURL: where people reach the console, without a trailing slash.
    static func settings(folder: String, host: String, port: Int, publicURL: String) throws
        -> KeybearerSettings
    {
        let catalogue = try PermissionCatalogue(resources: permissions)
        var named: [RoleName: PermissionSet] = [:]
        for (name, texts) in roles {
            guard let role = RoleName(name) else { continue }
            named[role] = PermissionSet(texts.compactMap { Permission($0) })
        }
        guard let format = KeyFormat(prefix: "hbr") else { throw SettingsError.prefix }
        let rules = Rules(
            catalogue: catalogue, roles: named, keyFormat: format, peppers: Peppers(current: nil, retired: []),
            keyManagement: .permission, publicURL: publicURL)
        var settings = KeybearerSettings(
            name: "Harbor", databasePath: "\(folder)/keybearer.sqlite", rules: rules, host: host, port: port)
        settings.limits.bodyBytes = 1 << 20  // a push of many commits
        return settings
    }

    enum SettingsError: Error { case prefix }
}
