import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension Endpoints {
    func listAuditEvents(_ call: Call, _ permit: OrganizationPermit) async throws -> Reply {
        let page = try PageRequest(call.query)
        let before = try page.cursor.map { text throws(Refusal) in
            guard let position = Int64(text), position > 0, String(position) == text else {
                throw PageRequest.invalidCursor
            }
            return position
        }
        let events = try await administration.auditEvents(
            action: call.query["action"], actor: call.query["actor"], from: try call.time("from"),
            to: try call.time("to"), before: before, limit: page.limit + 1, permit)
        return page.reply(
            events, cursor: { String($0.position) }, resource: { AuditEventResource($0) })
    }
}
