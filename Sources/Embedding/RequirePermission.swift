import HTTPTypes
import Hummingbird
import KeybearerAdministration
import KeybearerControlPlane
import KeybearerHummingbird
import KeybearerVerification

/// Lets a request through with an API key, or a signed-in person's token, that may do what the route needs. One
/// grammar decides for both: a key by its own permissions, a person by their role and grants in the organization.
///
/// Keys are counted and limited; people are bounded by `Rules.changesPerSecond` of their organization. The context's
/// `apiKey` says who it is; for a person, its `id` is `usr_…` and its `name` theirs.
public struct RequirePermission<Context: APIKeyRequestContext>: RouterMiddleware {
    private let keybearer: Keybearer
    private let permission: @Sendable (Request, Context) throws -> String
    private let forKeys: RequireAPIKey<Context>

    /// - Parameter permission: what a request needs, such as `project/prj_1:deploy`.
    public init(by keybearer: Keybearer, permission: @escaping @Sendable (Request, Context) throws -> String) {
        self.keybearer = keybearer
        self.permission = permission
        forKeys = RequireAPIKey(by: keybearer.verifier, trustedProxies: keybearer.settings.trustedProxies) {
            try permission($0, $1)
        }
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let token = Self.sessionToken(request.headers) else {
            return try await forKeys.handle(request, context: context, next: next)
        }
        let needed = try permission(request, context)
        let identity: APIKeyIdentity
        do {
            identity = try await person(token, request, context, needs: needed)
        } catch let failure as Failure {
            return .problem(.init(code: failure.code.status), failure.code.rawValue, failure.detail, context)
        }
        var context = context
        context.apiKey = identity
        return try await next(request, context)
    }

    /// The bytes of a person's token; what else is sent beside it makes it no token at all, and is left to `forKeys`.
    private static func sessionToken(_ fields: HTTPFields) -> [UInt8]? {
        guard let name = HTTPField.Name("x-api-key"), fields[values: name].isEmpty,
            fields[values: .authorization].count == 1, let value = fields[.authorization],
            value.lowercased().hasPrefix("bearer ")
        else { return nil }
        let token = Array(value.utf8.dropFirst(7))
        return KeyFormat.session.parse(token) == nil ? nil : token
    }

    private func person(
        _ token: [UInt8], _ request: Request, _ context: Context, needs needed: String
    ) async throws -> APIKeyIdentity {
        let administration = keybearer.administration
        var named: OrganizationReference?
        if let field = HTTPField.Name("keybearer-organization"), let text = request.headers[field] {
            named = OrganizationReference(text)
            guard named != nil else { throw Failure(.notFound, "There is no such organization.") }
        }
        let address = context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        let found = try await administration.authenticate(token, organization: named, onBehalfOf: nil, address: address)
        guard case .caller(let caller) = found, case .person(let user, _) = caller.principal else {
            throw Failure(.invalidToken, "Sign in again.")
        }
        let scope = try await administration.organizationPermit(.listPermissions, caller).scope
        guard !scope.organization.isSuspended else {
            throw Failure(.organizationSuspended, "This organization is suspended.")
        }
        guard let asked = Permission(needed), administration.rules.catalogue.contains(asked),
            scope.authority.permissions.covers(asked)
        else { throw Failure(.insufficientPermissions, "You lack the permission \(needed) here.") }
        _ = try await administration.admit(caller, token: nil, in: scope.organization.id)
        return APIKeyIdentity(
            id: user.id.description, name: user.name, organizationID: scope.organization.id.description,
            organization: scope.organization.slug.description, plan: scope.organization.plan,
            permissions: scope.authority.permissions.permissions.map(\.description), labels: [:])
    }
}
