import KeybearerAPI
import KeybearerVerification

/// The options in the query of `/v1/authorize`, which is the gateway's own. What is not understood is refused: an
/// option with a typing error would otherwise ask for less than the gateway means to.
///
/// A class, since an event loop keeps those it has parsed and hands them out for each request.
final class AuthorizeOptions: Sendable {
    let permission: Permission?
    /// Whether 400, 429 and 503 are to be 403, for gateways that make a 500 of them. Known even where another option
    /// is wrong.
    let deniesAs403: Bool
    let refusal: Problem?

    static let none = AuthorizeOptions(Reading())

    private init(_ reading: Reading) {
        permission = reading.permission
        deniesAs403 = reading.deniesAs403
        refusal = reading.refusal
    }

    convenience init(query: ByteView, catalogue: PermissionCatalogue) {
        self.init(Reading(query, catalogue))
    }
}

private struct Reading {
    private(set) var permission: Permission?
    private(set) var deniesAs403 = false
    private(set) var refusal: Problem?

    init() {}

    init(_ query: ByteView, _ catalogue: PermissionCatalogue) {
        let fields = FormFields(query)
        if !fields.isWellFormed { refuse("invalid_query", "The query is not well-formed.") }
        var asked: [[UInt8]] = []
        var denials: [[UInt8]] = []
        for (name, value) in fields.members {
            if HTTPSyntax.isEqual(name, "permission") {
                asked.append(value)
            } else if HTTPSyntax.isEqual(name, "deny_as") {
                denials.append(value)
            } else {
                refuse("invalid_query", "The options are permission and deny_as.")
            }
        }
        deniesAs403 = denials.count == 1 && HTTPSyntax.isEqual(denials[0], "403")
        if !denials.isEmpty, !deniesAs403 { refuse("invalid_query", "deny_as may be given once, as 403.") }
        if let text = asked.first { take(text, repeated: asked.count > 1, catalogue) }
    }

    private mutating func take(_ text: [UInt8], repeated: Bool, _ catalogue: PermissionCatalogue) {
        if repeated {
            refuse("invalid_query", "permission may be given once.")
        } else if let permission = Permission(bytes: text), catalogue.isRequestable(permission) {
            self.permission = permission
        } else {
            refuse("unknown_permission", "The permission is not in the catalogue.")
        }
    }

    private mutating func refuse(_ code: String, _ detail: String) {
        guard refusal == nil else { return }
        refusal = Problem(status: 400, code: code, detail: detail)
    }
}
