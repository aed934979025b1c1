import KeybearerAPI
import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification

struct AuditView: Sendable {
    var problem: ProblemView?
    let export: String
    let chain: Chain
    let head: String?
    let actions: [ChoiceView]
    let actor: String
    let actors: [ChoiceView]
    let from: String
    let to: String
    let isEmpty: Bool
    let events: [EventView]
    let next: String?

    struct Chain: Sendable {
        let tone: String
        let badge: String
        let text: String
    }
}

struct EventView: Sendable {
    let at: String
    let exact: String
    let iso: String
    let action: String
    let outcome: String?
    let times: String?
    let actor: String
    let via: String?
    let target: String
    /// What the target is called by programs, where it has a name for people.
    let identifier: String?
    let targetHref: String?
    let address: String
    let hasDetails: Bool
    let details: String
}

extension Console {
    private static let checkedEvents: Int64 = 10_000
    private static let exportedEvents = 10_000

    func auditPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let filter = AuditFilter(visit.form)
        let events = try await administration.auditEvents(
            action: filter.action, actor: filter.actor, from: filter.from, to: filter.to, before: filter.before,
            limit: 51, permit)
        let shown = events.prefix(50)
        let people = await people(permit)
        let names = try await administration.names(in: Array(shown), permit)
        let head = try await administration.auditHead(permit)
        let view = AuditView(
            problem: filter.isUnderstood
                ? nil : ProblemView(title: visit.say(\.common.problem), items: [visit.say(\.failure.invalidInput)]),
            export: "/audit/export?" + PageForm.encoded(filter.fields),
            chain: try await chain(visit, head, permit),
            head: head.map { "\($0.chain):\($0.position):\($0.hash.hex)" }, actions: actions(filter, visit),
            actor: filter.actor ?? "",
            actors: people.map { ChoiceView(value: $0.key, label: $0.value, isCurrent: false) }.sorted {
                $0.label < $1.label
            },
            from: filter.from == nil ? "" : visit.form.line("from"), to: filter.to == nil ? "" : visit.form.line("to"),
            isEmpty: shown.isEmpty,
            events: shown.map { eventView($0, names, visit) },
            next: events.count > shown.count
                ? shown.last.map { "/audit?" + PageForm.encoded(filter.fields + [("before", String($0.position))]) }
                : nil)
        return await page(
            "audit", visit.say(\.audit.title), section: .audit, view, visit, status: filter.isUnderstood ? 200 : 422)
    }

    private func chain(_ visit: Visit, _ head: AuditHead?, _ permit: OrganizationPermit) async throws -> AuditView.Chain
    {
        guard visit.form["check"] == "yes" else {
            return AuditView.Chain(
                tone: "", badge: visit.say(\.audit.chainEvents, Int(head?.position ?? 0)),
                text: visit.say(\.audit.chainIdle))
        }
        let status = try await administration.checkChain(newest: Self.checkedEvents, permit)
        if let position = status.brokenAt {
            let number = visit.formats.number(position)
            return AuditView.Chain(
                tone: "bad", badge: visit.say(\.audit.broken), text: visit.say(\.audit.chainBad, ["n": number]))
        }
        let number = visit.formats.number(status.checked)
        return AuditView.Chain(
            tone: "good", badge: visit.say(\.audit.intact), text: visit.say(\.audit.chainGood, ["n": number]))
    }

    private func actions(_ filter: AuditFilter, _ visit: Visit) -> [ChoiceView] {
        let all = Operation.allCases.compactMap { operation in
            operation.words.map { (operation.rawValue, visit.say($0)) }
        }
        let sorted = all.sorted { $0.1 < $1.1 }
        return [ChoiceView(value: "", label: visit.say(\.audit.anything), isCurrent: filter.action == nil)]
            + sorted.map { ChoiceView(value: $0, label: $1, isCurrent: $0 == filter.action) }
    }

    /// The members by their names in the log, for choosing one.
    private func people(_ permit: OrganizationPermit) async -> [String: String] {
        do {
            let members = try await administration.members(Page(limit: 200), permit)
            return Dictionary(members.map { ("user:\($0.user.id)", $0.user.name) }, uniquingKeysWith: { $1 })
        } catch {
            // They can be typed all the same.
            return [:]
        }
    }

    func eventView(_ event: AuditEvent, _ names: [String: String], _ visit: Visit) -> EventView {
        EventView(
            at: visit.relative(event.at), exact: visit.formats.moment(event.at), iso: event.at.description,
            action: actionName(event.action, visit),
            outcome: event.outcome == "ok"
                ? nil : Failure.Code(rawValue: event.outcome).map { visit.say($0.words) } ?? event.outcome,
            times: event.count > 1 ? visit.say(\.audit.times, ["n": visit.formats.number(event.count)]) : nil,
            actor: actor(event.actor, names, visit),
            via: event.via.map { through($0, visit) },
            target: event.target.map { names[$0] ?? $0 } ?? "–",
            identifier: event.target.flatMap { names[$0] == nil ? nil : $0 },
            targetHref: event.target.flatMap { KeyID($0) }.map { "/api-keys/\($0)" },
            address: event.address?.description ?? "–", hasDetails: event.details != "{}", details: event.details)
    }

    /// Who it was, for people; as the log has it where nothing is known of it.
    private func actor(_ text: String, _ names: [String: String], _ visit: Visit) -> String {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return text }
        switch parts[0] {
        case "operator": return visit.say(\.audit.byOperator, ["name": parts[1]])
        case "local": return visit.say(\.audit.byLocalCommand, ["name": parts[1]])
        case "api_key": return names[text].map { visit.say(\.audit.byKey, ["name": $0]) } ?? text
        default: return names[text] ?? text
        }
    }

    private func through(_ text: String, _ visit: Visit) -> String {
        let name = text.split(separator: ":", maxSplits: 1).last.map(String.init) ?? text
        return visit.say(\.audit.throughOperator, ["name": name])
    }

    /// The events as JSON Lines, newest first, in the form of the API. Where there are more than fit, the last line
    /// says at which position to go on.
    func exportAudit(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let filter = AuditFilter(visit.form)
        guard filter.isUnderstood else { throw Refusal(422, "invalid_query", "The filter cannot be read.") }
        var body: [UInt8] = []
        var before = filter.before
        var count = 0
        while true {
            let events = try await administration.auditEvents(
                action: filter.action, actor: filter.actor, from: filter.from, to: filter.to, before: before,
                limit: 500, permit)
            for event in events { body += AuditEventResource(event).json.serialized() + [0x0a] }
            count += events.count
            guard events.count == 500, let last = events.last else { break }
            before = last.position
            guard count < Self.exportedEvents else {
                let rest: JSON = ["truncated": true, "continue_before": .string(String(last.position))]
                body += rest.serialized() + [0x0a]
                break
            }
        }
        return Reply(
            200, contentType: "application/jsonl; charset=utf-8", body: body,
            fields: [
                (
                    "Content-Disposition",
                    "attachment; filename=\"audit-\(permit.scope.organization.slug).jsonl\""
                )
            ])
    }
}

/// Which events are asked for.
struct AuditFilter: Sendable {
    let action: String?
    let actor: String?
    let from: Timestamp?
    let to: Timestamp?
    let before: Int64?
    /// False where a date is none.
    let isUnderstood: Bool

    init(_ form: PageForm) {
        func given(_ name: String) -> String? { form.line(name).isEmpty ? nil : form.line(name) }
        action = given("action")
        actor = given("actor")
        from = given("from").flatMap { Timestamp(rfc3339: "\($0)T00:00:00Z") }
        // The last day counts whole.
        to = given("to").flatMap { Timestamp(rfc3339: "\($0)T00:00:00Z") }?.adding(seconds: 86_400)
        before = given("before").flatMap { Int64($0) }
        isUnderstood = (given("from") == nil || from != nil) && (given("to") == nil || to != nil)
        dates = (given("from"), given("to"))
    }

    private let dates: (from: String?, to: String?)

    /// The filter as a query, for the next page and the export.
    var fields: [(name: String, value: String)] {
        [("action", action), ("actor", actor), ("from", dates.from), ("to", dates.to)]
            .compactMap { name, value in value.map { (name: name, value: $0) } }
    }
}
