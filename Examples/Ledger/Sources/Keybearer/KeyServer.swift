import KeybearerAPI
import KeybearerClient

/// Tells Keybearer of workspaces and people: they are Ledger's, and so is the sign-in.
struct KeyServer: Sendable {
    /// A plan as the key server's configuration has it.
    struct Plan: Sendable {
        let name: String
        /// nil is no limit.
        let activeKeys: Int?
        let hasKeys: Bool
    }

    private let client: Client
    private let address: ServerAddress

    init?(control: String, operatorToken: String) {
        guard let address = ServerAddress(control), let token = Credential(operatorToken) else { return nil }
        self.address = address
        client = Client(address, credential: token, options: ClientOptions(userAgent: "ledger"))
    }

    func plans() async throws -> [Plan] {
        try await client.plans().collect().map {
            Plan(name: $0.name, activeKeys: $0.activeKeys, hasKeys: $0.features.contains("tenant_api_keys"))
        }
    }

    /// - Returns: the organization's identifier, `org_…`.
    func put(workspace slug: String, name: String, plan: String) async throws -> String {
        try await client.putOrganization(slug, name: name, plan: plan).id
    }

    func put(memberOf slug: String, email: String, name: String, role: Role) async throws {
        _ = try await client.putMember(of: slug, email: email, role: role.rawValue, name: name)
    }

    /// - Returns: the names of the keys that they made and that go on working.
    func remove(memberOf slug: String, email: String) async throws -> [String] {
        do {
            return try await client.removeMember(of: slug, email: email).map(\.name)
        } catch {
            guard error.code == "not_found" else { throw error }
            return []
        }
    }

    /// A page with one button, which signs the person in to the key pages of one workspace.
    func signInLink(email: String, workspace slug: String) async throws -> String {
        try await client.createSignInLink(email: email, organization: slug).url
    }

    /// Ends what the link began, whoever's it is.
    func endSession(_ token: String) async throws {
        guard let token = Credential(token) else { return }
        do {
            try await Client(address, credential: token).endSession()
        } catch {
            guard error.code == "invalid_token" else { throw error }
        }
    }

    /// A key made for an owner, as the demonstration shows it.
    func makeKey(_ name: String, permissions: [String], for email: String, in slug: String) async throws -> String {
        var acting = client
        acting.organization = slug
        acting.onBehalfOf = email
        return try await acting.createKey(NewKey(name: name, permissions: permissions)).text
    }
}

/// The cookies of Keybearer's pages, which Ledger shares an origin with.
enum KeyPageCookie {
    static let session = ["keybearer", "__Host-keybearer"]
    static let language = ["keybearer-language", "__Host-keybearer-language"]
}
