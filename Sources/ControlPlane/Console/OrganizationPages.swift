import KeybearerAPI
import KeybearerAdministration
import KeybearerConsole
import KeybearerVerification
import Logging

struct OrganizationsView: Sendable {
    var problem: ProblemView?
    let organizations: [Entry]
    let isEmpty: Bool
    let next: String
    let canCreate: Bool
    let form: String
    let name: String
    let slug: String

    struct Entry: Sendable {
        let id: String
        let name: String
        let slug: String
        let role: String
        let isCurrent: Bool
        let openLabel: String
    }
}

struct QuotaView: Sendable {
    let text: String
    let used: Int
    let limit: Int?
    let isFull: Bool
    let plan: String
}

struct FactView: Sendable {
    let label: String
    let value: String
    var detail: String?
}

struct PlanView: Sendable {
    let name: String
    let quota: QuotaView
    let facts: [FactView]
    let notice: String?
    let plans: [Entry]

    struct Entry: Sendable {
        let name: String
        let isCurrent: Bool
        let keys: String
        let rate: String
    }
}

struct SettingsView: Sendable {
    var problem: ProblemView?
    let facts: [FactView]
    let canEdit: Bool
    let name: String
    /// Who answers verifications; none for those who may not change the organization.
    let nodes: [Node]
    let hasNodes: Bool

    struct Node: Sendable {
        let name: String
        let isLive: Bool
        let revision: String
    }
}

extension Console {
    func organizationsPage(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        await organizationsPage(visit, permit, problem: nil, status: 200)
    }

    private func organizationsPage(
        _ visit: Visit, _ permit: PersonalPermit, problem: ProblemView?, status: Int
    ) async -> Reply {
        let own = visit.person?.organizations ?? []
        let view = OrganizationsView(
            problem: problem,
            organizations: own.map { entry in
                OrganizationsView.Entry(
                    id: entry.organization.id.description, name: entry.organization.name,
                    slug: entry.organization.slug.description, role: roleName(entry.member.role, visit),
                    isCurrent: entry.organization.id == visit.person?.current?.id,
                    openLabel: visit.say(\.organization.openNamed, ["name": entry.organization.name]))
            },
            isEmpty: own.isEmpty, next: LocalPath(visit.form["next"])?.text ?? Section.keys.path,
            canCreate: rules.selfService.isEnabled && permit.scope.session.organization == nil,
            form: visit.form["form"].isEmpty ? VisitorToken.make() : visit.form["form"],
            name: visit.form.line("name"), slug: visit.form.line("slug"))
        return await page(
            "organizations", visit.say(\.organization.chooseTitle), view, visit, status: status)
    }

    func switchOrganization(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        let wanted = visit.person?.organizations.first { $0.organization.id.description == visit.form["to"] }
        guard let wanted else { throw Refusal.notFound }
        return redirect(
            LocalPath(visit.form["next"])?.text ?? Section.keys.path,
            fields: [("Set-Cookie", cookies.organization(wanted.organization.id))])
    }

    func createOrganization(_ visit: Visit, _ permit: PersonalPermit) async throws -> Reply {
        let (name, slug) = (visit.form.line("name"), visit.form.line("slug"))
        do {
            let answer = try await administration.createOrganization(
                name: name, slug: slug, permit,
                remembering: try remembering(visit, parts: [name, slug]) { $0.organization.id.description })
            let id: String =
                switch answer {
                case .fresh(let view): view.organization.id.description
                case .replayed(let record): String(decoding: record.answer, as: UTF8.self)
                }
            let cookie = OrganizationID(id).map { [("Set-Cookie", cookies.organization($0))] } ?? []
            return redirect(Section.keys.path, Notice(.organizationCreated), fields: cookie)
        } catch let failure as Failure where failure.code.status < 500 {
            return await organizationsPage(
                visit, permit, problem: problem(failure, visit), status: failure.code.status)
        }
    }

    /// What makes a form count once: the token that it was opened with stands for its first answer.
    ///
    /// - Parameter parts: what the form asks for; the same token with other parts is a conflict.
    func remembering<Value: Sendable>(
        _ visit: Visit, parts: [String], _ render: @escaping @Sendable (Value) -> String
    ) throws(Refusal) -> Remembering<Value>? {
        let token = visit.form["form"]
        guard token.utf8.count == 64,
            token.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { throw Self.wrongForm }
        let body = parts.map { "\($0.utf8.count):\($0)" }.joined()
        return Remembering(
            key: token, method: "POST", path: visit.call.target.path, body: Array(body.utf8), status: 200
        ) { Array(render($0).utf8) }
    }

    // MARK: Plan and settings

    func quota(_ view: OrganizationView, _ visit: Visit) -> QuotaView {
        let used = visit.formats.number(view.activeKeys)
        let text =
            view.plan.activeKeys.map { limit in
                visit.say(\.keys.quotaOf, ["used": used, "limit": visit.formats.number(limit)])
            } ?? visit.say(\.keys.quotaUnlimited, ["used": used])
        return QuotaView(
            text: text, used: view.activeKeys, limit: view.plan.activeKeys.flatMap { $0 > 0 ? $0 : nil },
            isFull: view.plan.activeKeys.map { view.activeKeys >= $0 } ?? false,
            plan: visit.say(\.keys.planNamed, ["plan": view.plan.title]))
    }

    /// Why nothing can be created on this plan now; nil where something can.
    func createOff(_ view: OrganizationView, _ visit: Visit) -> String? {
        let plan = ["plan": view.plan.title]
        guard view.plan.allowsAPIKeys else { return visit.say(\.keys.noFeature, plan) }
        guard let limit = view.plan.activeKeys, view.activeKeys >= limit else { return nil }
        return visit.say(\.keys.full, plan.merging(["limit": visit.formats.number(limit)]) { $1 })
    }

    func planPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        let organization = try await administration.organization(permit)
        func rate(_ policy: RateLimitPolicy) -> String {
            visit.say(
                \.key.rate,
                [
                    "n": visit.formats.number(policy.requests),
                    "span": visit.formats.span(seconds: Int64(policy.windowSeconds)),
                ])
        }
        let plan = organization.plan
        var facts = [
            FactView(label: visit.say(\.organization.rateLimit), value: rate(plan.rateLimit)),
            FactView(label: visit.say(\.organization.features), value: plan.features.joined(separator: ", ")),
        ]
        if let together = plan.organizationRateLimit {
            facts.insert(FactView(label: visit.say(\.organization.organizationRate), value: rate(together)), at: 1)
        }
        let plans = rules.plans.values.sorted { ($0.activeKeys ?? .max, $0.name) < ($1.activeKeys ?? .max, $1.name) }
        let view = PlanView(
            name: plan.title, quota: quota(organization, visit), facts: facts, notice: createOff(organization, visit),
            plans: plans.map {
                PlanView.Entry(
                    name: $0.title, isCurrent: $0.name == plan.name, keys: keysAllowed($0, visit),
                    rate: rate($0.rateLimit))
            })
        return await page("plan", visit.say(\.organization.planTitle), section: .plan, view, visit)
    }

    func keysAllowed(_ plan: Plan, _ visit: Visit) -> String {
        guard plan.allowsAPIKeys else { return visit.say(\.organization.notIncluded) }
        return plan.activeKeys.map { visit.formats.number($0) } ?? visit.say(\.organization.unlimited)
    }

    func settingsPage(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        await settingsPage(visit, try await administration.organization(permit), permit, problem: nil, status: 200)
    }

    private func settingsPage(
        _ visit: Visit, _ organization: OrganizationView, _ permit: OrganizationPermit, problem: ProblemView?,
        status: Int
    ) async -> Reply {
        let own = organization.organization
        let managedBy: KeyPath<Catalogue, Text> =
            rules.keyManagement == .owner ? \.organization.managedByOwner : \.organization.managedByPermission
        let canEdit = permit.scope.authority.holds(.organizationUpdate)
        let nodes = canEdit ? await nodeViews(visit) : []
        let view = SettingsView(
            problem: problem,
            facts: [
                FactView(label: visit.say(\.common.name), value: own.name),
                FactView(label: visit.say(\.organization.slug), value: own.slug.description),
                FactView(label: visit.say(\.key.identifier), value: own.id.description),
                FactView(label: visit.say(\.organization.createdOn), value: visit.formats.date(own.createdAt)),
                FactView(label: visit.say(\.organization.keysManagedBy), value: visit.say(managedBy)),
            ],
            canEdit: canEdit, name: visit.form.has("name") ? visit.form.line("name") : own.name, nodes: nodes,
            hasNodes: !nodes.isEmpty)
        return await page(
            "settings", visit.say(\.organization.settingsTitle), section: .settings, view, visit, status: status)
    }

    /// Without a database there is no list, and the page has more to show.
    private func nodeViews(_ visit: Visit) async -> [SettingsView.Node] {
        do {
            return try await nodes().map { node in
                SettingsView.Node(
                    name: node.name, isLive: node.isLive,
                    revision: visit.formats.number(Int(node.acknowledgedRevision)))
            }
        } catch {
            logger.warning("the nodes could not be listed: \(error)")
            return []
        }
    }

    func updateSettings(_ visit: Visit, _ permit: OrganizationPermit) async throws -> Reply {
        do {
            _ = try await administration.updateOrganization(name: visit.form.line("name"), permit)
            return redirect(Section.settings.path, Notice(.renamed))
        } catch let failure as Failure where failure.code.status == 422 {
            let organization = try await administration.organization(permit)
            return await settingsPage(visit, organization, permit, problem: problem(failure, visit), status: 422)
        }
    }
}

extension Plan {
    /// The name as a heading has it: `pro` is Pro.
    var title: String { name.prefix(1).uppercased() + name.dropFirst() }
}
