import KeybearerAdministration
import KeybearerEmbedding
import KeybearerVerification

/// An invented organization with people and a key, for `harbor-server --demo`.
struct DemoPeople: Sendable {
    static let password = "an-invented-demo-pass-phrase"
    let keybearer: Keybearer

    /// - Returns: the organization's id and a new key of its owner's; keys of earlier starts are ended.
    func prepare() async throws -> (organization: String, key: String) {
        let administration = keybearer.administration
        let command = "harbor-server --demo"
        let putting = try await administration.localPermit(.operatorPutOrganization, command: command)
        _ = try await administration.operatorPutOrganization(
            "mistral-quay", name: "Mistral Quay (demo)", plan: "pro", isSuspended: false, putting)
        for (email, name, role) in [
            ("olga@mistral.example", "Olga Inventada", "owner"), ("dirk@mistral.example", "Dirk Madeup", "deployer"),
        ] {
            let permit = try await administration.localPermit(.operatorPutMember, command: command)
            _ = try await administration.operatorPutMember("mistral-quay", email: email, role: role, name: name, permit)
            let setting = try await administration.localPermit(.operatorPutUser, command: command)
            try await administration.setPassword(email: email, password: Self.password, setting)
        }
        let nobody = Caller(.anonymous, address: nil, organization: nil)
        let signedIn = try await administration.signIn(
            email: "olga@mistral.example", password: Self.password, kind: .token,
            administration.openPermit(.signIn, nobody))
        let owner = Caller(.person(signedIn.user, signedIn.session), address: nil, organization: nil)
        let ending = try await administration.organizationPermit(.revokeKeys, owner)
        _ = try await administration.revokeKeys(
            BulkFilter(label: "demo=yes"), reason: "a new demonstration started", dryRun: false, ending)
        let permit = try await administration.organizationPermit(.createKey, owner)
        let draft = KeyDraft(name: "Demo pipeline", permissions: ["*:*"], labels: [("demo", "yes")])
        guard case .issued(let issued) = try await administration.createKey(draft, permit) else {
            return (permit.scope.organization.id.description, "")
        }
        return (permit.scope.organization.id.description, issued.reveal())
    }
}
