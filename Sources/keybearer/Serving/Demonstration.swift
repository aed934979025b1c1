import KeybearerAdministration
import KeybearerCommands
import KeybearerStore
import KeybearerVerification

/// Two invented organizations with people, plans and keys, and the lines that show the product working.
struct Demonstration: Sendable {
    private let administration: Administration
    private let store: Store
    private let configuration: Configuration

    private static let slug = "tidewater-tools"
    private static let password = "an-invented-demo-pass-phrase"
    private static let keyName = "Demo key"

    init(_ node: ServingNode, _ configuration: Configuration) {
        administration = node.administration
        store = node.store
        self.configuration = configuration
    }

    /// Whether the database holds accounts whose password everybody can read here.
    static func isIn(_ store: Store) async throws -> Bool {
        guard let slug = Slug(slug) else { return false }
        return try await store.read { try $0.organization(.slug(slug)) != nil }
    }

    /// Makes what is missing, ends the demo key of an earlier start, and makes a new one.
    ///
    /// - Returns: what to print once both planes listen.
    func prepare() async throws -> String {
        try await mustNotBeAmongOthers()
        try await organization(Self.slug, "Tidewater Tools (demo)", plan: "pro")
        try await organization("lantern-post", "Lantern Post (demo)", plan: "free")
        for (slug, email, name, role) in [
            (Self.slug, "ana@tidewater.example", "Ana Inventada", "owner"),
            (Self.slug, "ben@tidewater.example", "Ben Madeup", "admin"),
            ("lantern-post", "caro@lantern.example", "Caro Fictícia", "owner"),
        ] {
            let permit = try await administration.localPermit(.operatorPutMember, command: "serve --demo")
            _ = try await administration.operatorPutMember(slug, email: email, role: role, name: name, permit)
        }
        let setting = try await administration.localPermit(.operatorPutUser, command: "serve --demo")
        for email in ["ana@tidewater.example", "caro@lantern.example"] {
            try await administration.setPassword(email: email, password: Self.password, setting)
        }
        let anonymous = Caller(.anonymous, address: nil, organization: nil)
        let signedIn = try await administration.signIn(
            email: "ana@tidewater.example", password: Self.password, kind: .token,
            administration.openPermit(.signIn, anonymous))
        let caller = Caller(.person(signedIn.user, signedIn.session), address: nil, organization: nil)
        let token = signedIn.revealToken()
        try await endEarlierKeys(caller)
        let creating = try await administration.organizationPermit(.createKey, caller)
        let draft = KeyDraft(
            name: Self.keyName, permissions: demoPermissions, labels: [("demo", "yes")])
        switch try await administration.createKey(draft, creating) {
        case .issued(let issued):
            let id = issued.key.id
            return lines(key: issued.reveal(), id: id, token: token)
        case .replayed: return ""
        }
    }

    /// Accounts with a published password have no place in a database that somebody works with.
    private func mustNotBeAmongOthers() async throws {
        guard try await !Self.isIn(store) else { return }
        let isEmpty = try await store.read { try $0.users(Page(limit: 1)).isEmpty }
        guard isEmpty else {
            throw CommandFailure(
                "this database has accounts of its own, and --demo adds some with a published password: use another --data folder"
            )
        }
    }

    private var demoPermissions: [String] {
        ["project:read", "project:deploy"].filter { text in
            Permission(text).map(configuration.rules.catalogue.contains) ?? false
        }
    }

    private func organization(_ slug: String, _ name: String, plan: String) async throws {
        let permit = try await administration.localPermit(.operatorPutOrganization, command: "serve --demo")
        let plan = configuration.rules.plans[plan] == nil ? configuration.rules.selfService.defaultPlan : plan
        _ = try await administration.operatorPutOrganization(slug, name: name, plan: plan, isSuspended: false, permit)
    }

    private func endEarlierKeys(_ caller: Caller) async throws {
        let permit = try await administration.organizationPermit(.revokeKeys, caller)
        _ = try await administration.revokeKeys(
            BulkFilter(label: "demo=yes"), reason: "a new demonstration started", dryRun: false, permit)
    }

    private func lines(key: String, id: KeyID, token: String) -> String {
        let control = configuration.rules.publicURL
        let verification = configuration.verification.listen.curlAddress
        let secret =
            configuration.verification.secret == nil ? "" : " -H \"Keybearer-Verification-Secret: $SECRET\""
        return """

            Keybearer is running.

              Console             \(control)
              API and documents   \(control)/openapi.json
              Demo owner          ana@tidewater.example, password \(Self.password)
              Demo key            \(key)

            1. Ask whether the key may deploy:

              curl \(verification)/v1/verify\(secret) -H 'Content-Type: application/json' -d '{"key":"\(key)","permission":"project:deploy"}'

            2. Revoke it, as the owner:

              curl -X POST \(control)/v1/api-keys/\(id)/revoke -H 'Authorization: Bearer \(token)'

            3. Ask again: the same line answers "revoked".

            """
    }
}

extension Configuration.Listen {
    /// What `curl` takes before a path.
    fileprivate var curlAddress: String {
        switch self {
        case .tcp(let host, let port): "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "--unix-socket \(path) http://localhost"
        }
    }
}
