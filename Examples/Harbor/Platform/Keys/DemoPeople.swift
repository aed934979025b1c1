import KeybearerEmbedding

/// An invented organization with people and a key, for `harbor-server --demo`.
struct DemoPeople: Sendable {
    static let password = "an-invented-demo-pass-phrase"
    let keybearer: Keybearer

    /// - Returns: the organization's id and a new key; the keys of earlier starts are ended.
    func prepare() async throws -> (organization: String, key: String) {
        let slug = "mistral-quay"
        let organization = try await keybearer.putOrganization(slug, name: "Mistral Quay (demo)", plan: "pro")
        for (email, name, role) in [
            ("olga@mistral.example", "Olga Inventada", "owner"), ("dirk@mistral.example", "Dirk Madeup", "deployer"),
        ] {
            try await keybearer.putMember(email, name: name, role: role, of: slug, password: Self.password)
        }
        let key = try await keybearer.replaceKey(
            named: "Demo pipeline", permissions: ["*:*"], label: "demo", of: slug)
        return (organization, key)
    }
}
