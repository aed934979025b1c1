import Hummingbird
import KeybearerEmbedding
import KeybearerHummingbird

/// Whoever calls, and for whom: it comes from the key or the person's token alone, never from the request.
struct Tenant: Sendable {
    /// `org_…`: every row of Harbor's belongs to one.
    let organization: String
    /// The key's or the person's name.
    let actor: String
}

/// What Harbor's routes know of Keybearer: this context, and `guarded`.
typealias HarborContext = BasicAPIKeyRequestContext
typealias Gate = Keybearer

extension HarborContext {
    var tenant: Tenant {
        get throws {
            let identity = try requireAPIKeyIdentity()
            return Tenant(organization: identity.organizationID, actor: identity.name)
        }
    }
}

extension RouterMethods where Context == HarborContext {
    /// The routes behind a permission such as `project/{id}:deploy`, whose braces name a part of the path.
    func guarded(by keybearer: Gate, _ permission: String) -> RouterGroup<HarborContext> {
        group().add(
            middleware: RequirePermission(by: keybearer) { _, context in
                context.parameters.reduce(into: permission) { text, part in
                    text = text.replacing("{\(part.key)}", with: String(part.value))
                }
            })
    }
}
