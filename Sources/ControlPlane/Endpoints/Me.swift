import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func showCaller(_ call: Call, _ caller: Caller) async throws -> Reply {
        .resource(CallerResource(try await administration.describe(caller)))
    }

    func listPermissions(_ call: Call, _ caller: Caller) async throws -> Reply {
        let description = try await administration.describe(caller)
        let catalogue = administration.rules.catalogue.resources
        return .resource(
            PermissionsResource(
                resources: catalogue.map { (name: $0.name, actions: $0.actions) },
                permissions: description.permissions.map(\.description)))
    }
}

extension CallerResource {
    init(_ description: CallerDescription) {
        let kind: String
        let id: String
        let name: String
        var email: String?
        switch description.caller.principal {
        case .person(let user, _), .onBehalf(let user, _):
            (kind, id, name, email) = ("user", user.id.description, user.name, user.email.description)
        case .apiKey(let record): (kind, id, name) = ("api_key", record.id.description, record.name)
        case .operator(let token): (kind, id, name) = ("operator", token.id.description, token.name)
        case .local(let command): (kind, id, name) = ("operator", "local", command)
        case .anonymous: (kind, id, name) = ("anonymous", "", "")
        }
        self.init(
            kind: kind, id: id, name: name, email: email, role: description.role?.description,
            organization: description.organization.map { OrganizationSummary($0) },
            permissions: description.permissions.map(\.description))
    }
}
