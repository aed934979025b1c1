import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension AuditEventResource {
    init(_ event: AuditEvent) {
        self.init(
            id: event.id.description, position: event.position, at: event.at.description, actor: event.actor,
            via: event.via, ip: event.address?.description, action: event.action, target: event.target,
            outcome: event.outcome, count: event.count, details: Self.details(event.details),
            previousHash: event.previous.hex, hash: event.hash.hex)
    }

    /// The canonical text as JSON; as a plain text should it ever not parse, so that no event hides.
    private static func details(_ text: String) -> JSON {
        do throws(MalformedJSON) {
            return try JSON.parse(Array(text.utf8))
        } catch {
            return .string(text)
        }
    }
}
