/// One setting, as the file, the environment and the documentation know it.
struct Setting: Sendable {
    enum Kind: Sendable {
        case text
        case listen
        case number(ClosedRange<Int>)
        case flag
        case choice([String])
        case secret
        case list
        case map
    }

    /// Dotted, as nested in the file: `control.listen`.
    let name: String
    let kind: Kind
    /// YAML, as it would stand in the file.
    let standard: String
    let summary: String

    /// `KEYBEARER_CONTROL_LISTEN`.
    var variable: String { "KEYBEARER_" + name.uppercased().replacing(".", with: "_") }

    var isSecret: Bool {
        if case .secret = kind { return true }
        return false
    }

    /// Every setting there is: file, environment, `--print-config` and `docs/configuration.md` come from this table.
    static let all: [Setting] = [
        Setting(
            name: "control.listen", kind: .listen, standard: "127.0.0.1:8080",
            summary: "Where the API and the pages are served: HOST:PORT or unix:PATH."),
        Setting(
            name: "control.public_url", kind: .text, standard: "http://localhost:8080",
            summary: "Where people reach the control plane; links start with it. https unless it is a loopback address."
        ),
        Setting(
            name: "control.tls", kind: .map, standard: "null",
            summary: "{certificate: FILE, key: FILE} in PEM to speak TLS here; null behind a proxy that does."),
        Setting(
            name: "control.changes_per_second", kind: .number(1...1_000_000), standard: "1000",
            summary: "Calls of people and operator tokens that one organization may make in a second."),
        Setting(
            name: "operator.listen", kind: .listen, standard: "null",
            summary: "A listener of its own for /v1/operator; null serves it with the control plane."),
        Setting(
            name: "organizations.self_service", kind: .flag, standard: "false",
            summary: "Whether signed-in people may create organizations."),
        Setting(
            name: "organizations.default_plan", kind: .text, standard: "free",
            summary: "The plan of a new organization."),
        Setting(
            name: "organizations.per_person", kind: .number(1...10_000), standard: "3",
            summary: "How many organizations one person may own by creating them."),
        Setting(
            name: "branding.name", kind: .text, standard: "Keybearer",
            summary: "What the pages are called."),
        Setting(
            name: "branding.color", kind: .text, standard: "null",
            summary: "The colour of buttons and marks, as \"#1f5fae\"; texts on it stay readable."),
        Setting(
            name: "branding.logo", kind: .text, standard: "null",
            summary: "A file with the logo, .svg or .png, at most 256 KiB; relative to the configuration's file."),
        Setting(
            name: "branding.help_url", kind: .text, standard: "null",
            summary: "Where people find your support: an https or mailto address, linked on every page."),
        Setting(
            name: "cluster.node_name", kind: .text, standard: "null",
            summary: "This node's name in the answers to revokes; null takes the host's name."),
        Setting(
            name: "cluster.lease_seconds", kind: .number(1...300), standard: "5",
            summary: "With PostgreSQL: how long a node may decide without it, and a revoke wait for a silent node."),
        Setting(
            name: "limits.connections_per_address", kind: .number(1...1_000_000), standard: "256",
            summary: "Connections to the control plane from one address; trusted proxies are not counted."),
        Setting(
            name: "audit.secret", kind: .secret, standard: "null",
            summary: "Keys the audit chains with HMAC, so that whoever can write the database cannot forge them."),
        Setting(
            name: "retention.usage_days", kind: .number(1...36_500), standard: "400",
            summary: "Days for which hourly usage is kept; null for ever."),
        Setting(
            name: "retention.audit_days", kind: .number(1...36_500), standard: "null",
            summary: "Days for which audit events are kept; what is older leaves a checkpoint. null for ever."),
        Setting(
            name: "verification.listen", kind: .listen, standard: "127.0.0.1:8081",
            summary: "Where gateways ask: HOST:PORT or unix:PATH. Any other than loopback needs the secret."),
        Setting(
            name: "verification.secret", kind: .secret, standard: "null",
            summary: "What callers of the verification plane send in Keybearer-Verification-Secret; 16 bytes or more."),
        Setting(
            name: "verification.cache_bytes", kind: .number(1_048_576...1_099_511_627_776), standard: "268435456",
            summary: "Memory for key records, in bytes; where not all fit, at most a quarter of it for their digests."),
        Setting(
            name: "verification.strict", kind: .flag, standard: "false",
            summary: "Whether every verification asks the database whether memory is current, and trusts no clock."),
        Setting(
            name: "verification.routes", kind: .list, standard: "[]",
            summary: "Permissions by route, for /v1/authorize without one: [{method, path, permission}]."),
        Setting(
            name: "database.url", kind: .text, standard: "sqlite:./data/keybearer.sqlite",
            summary:
                "sqlite:PATH, relative to the configuration's file, or postgres://USER@HOST/DATABASE for many nodes."
        ),
        Setting(
            name: "keys.prefix", kind: .text, standard: "sk",
            summary: "What keys start with: 2 to 16 of a-z, 0-9 and _; kbs and kbo are reserved."),
        Setting(
            name: "keys.managed_by", kind: .choice(["owner", "permission"]), standard: "owner",
            summary: "Who manages keys: owners only, or holders of the api_key permissions."),
        Setting(
            name: "keys.ceiling", kind: .choice(["at_creation", "live"]), standard: "at_creation",
            summary: "Whether the creator's current permissions also bound a key at each verification."),
        Setting(
            name: "keys.cidr", kind: .flag, standard: "false",
            summary: "Whether allowlists may hold CIDR blocks."),
        Setting(
            name: "keys.pepper", kind: .map, standard: "null",
            summary: "{id, file} or {id, env}: a secret of 32 bytes or more under which digests are stored."),
        Setting(
            name: "keys.retired_peppers", kind: .list, standard: "[]",
            summary: "Peppers that older keys were stored under, as keys.pepper."),
        Setting(
            name: "network.trusted_proxies", kind: .list, standard: "[]",
            summary: "CIDR blocks whose X-Forwarded-… headers are believed."),
        Setting(
            name: "permissions", kind: .map,
            standard: "{project: [read, create, deploy, delete], invoice: [read, create]}",
            summary: "The product's resources and their actions; merged by name, null removes one."),
        Setting(
            name: "roles", kind: .map, standard: "{support: [\"invoice:read\"]}",
            summary: "Roles of every organization, beside owner, admin and member; merged by name, null removes one."),
        Setting(
            name: "plans", kind: .map,
            standard: """
                {free: {active_keys: 1, features: [tenant_api_keys], rate_limit: {requests: 60, window_seconds: 60}}, \
                starter: {active_keys: 5, features: [tenant_api_keys], rate_limit: {requests: 300, window_seconds: 60}}, \
                pro: {active_keys: 20, features: [tenant_api_keys], rate_limit: {requests: 1200, window_seconds: 60}}, \
                enterprise: {active_keys: unlimited, features: [tenant_api_keys], \
                rate_limit: {requests: 6000, window_seconds: 60}}}
                """,
            summary: """
                What organizations book; merged by name, null removes one. Optional are organization_rate_limit, and \
                strict: true for what verification.strict does, for their keys alone.
                """),
    ]
}
