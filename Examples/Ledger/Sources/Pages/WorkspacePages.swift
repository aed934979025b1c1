import Hummingbird

extension Pages {
    @Sendable func customersPage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response
    {
        let layout = Layout(visit: visit)
        let listed = try await WorkspaceBooks(books, visitor.workspace).customers(Self.page(visit.request))
        let rows = listed.data.map { "<tr><td>\($0.name)</td><td>\($0.email ?? "")</td></tr>" as HTML }
        let new: HTML = """
            <h2>\(visit.say(.newCustomer))</h2>
            \(layout.form(
                "/customers",
                """
                \(layout.field("name", .name))
                <label for="email">\(visit.say(.email))</label><input id="email" name="email" type="email">
                <button class="primary">\(visit.say(.create))</button>
                """))
            """
        return .page(
            layout.page(
                visit.say(.customers),
                """
                \(layout.table([.name, .email], rows))\(layout.pager(listed, "/customers?"))
                \(visitor.role.mayWrite ? [new] : [])
                """))
    }

    @Sendable func addCustomer(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let fields = try await visit.form()
        try Self.mustWrite(visitor)
        let draft = try CustomerDraft(name: fields["name"] ?? "", email: fields["email"])
        _ = try await WorkspaceBooks(books, visitor.workspace).addCustomer(draft)
        return .onward("/customers")
    }

    // MARK: People

    @Sendable func membersPage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        try await membersPage(visit, visitor, notice: nil)
    }

    private func membersPage(_ visit: Visit, _ visitor: Visitor, notice: String?) async throws -> Response {
        let layout = Layout(visit: visit)
        let rows = try await WorkspaceBooks(books, visitor.workspace).members().map { member -> HTML in
            let options = Role.allCases.map { role -> HTML in
                let isChosen = role == member.role ? " selected" : "" as HTML
                return "<option value=\"\(role.rawValue)\"\(isChosen)>\(visit.say(role.words))</option>"
            }
            let change: HTML = """
                \(layout.form(
                    "/members/\(String(member.personID))",
                    """
                    <select name="role" aria-label="\(visit.say(.role)) \(member.name)">\(options)</select>
                    <button aria-label="\(visit.say(.save)) \(member.name)">\(visit.say(.save))</button>
                    """))
                \(layout.form(
                    "/members/\(String(member.personID))/remove",
                    "<button aria-label=\"\(visit.say(.remove)) \(member.name)\">\(visit.say(.remove))</button>"))
                """
            return """
                <tr><td>\(member.name)</td><td>\(member.email)</td><td>\(visit.say(member.role.words))</td>
                \(visitor.role == .owner ? ["<td>\(change)</td>"] : [])</tr>
                """
        }
        let head: [Words] = [.name, .email, .role] + (visitor.role == .owner ? [.save] : [])
        return .page(layout.page(visit.say(.people), notice: notice, layout.table(head, rows)))
    }

    @Sendable func changeMember(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let fields = try await visit.form()
        try Self.mustOwn(visitor)
        let member = try await member(visitor, context)
        guard let role = Role(rawValue: fields["role"] ?? "") else { throw PageRefusal(.notFound, .notFound) }
        try await mustKeepOwner(without: member, visitor, unless: role == .owner)
        try await Workspaces(books: books, keys: keys)
            .put(member.email, name: member.name, role: role, in: visitor.workspace)
        return .onward("/members")
    }

    /// Shows which keys the person leaves behind: they are the workspace's, and go on working until they are revoked.
    @Sendable func removeMember(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        _ = try await visit.form()
        try Self.mustOwn(visitor)
        let member = try await member(visitor, context)
        try await mustKeepOwner(without: member, visitor, unless: false)
        let left = try await Workspaces(books: books, keys: keys).remove(member, from: visitor.workspace)
        let names = left.isEmpty ? visit.say(.noKeys) : left.joined(separator: ", ")
        return try await membersPage(visit, visitor, notice: "\(visit.say(.removed)) \(names)")
    }

    private func member(_ visitor: Visitor, _ context: LedgerContext) async throws -> Member {
        let id = try context.parameters.require("id")
        let members = try await WorkspaceBooks(books, visitor.workspace).members()
        guard let member = members.first(where: { String($0.personID) == id }) else {
            throw PageRefusal(.notFound, .notFound)
        }
        return member
    }

    private func mustKeepOwner(without member: Member, _ visitor: Visitor, unless staysOwner: Bool) async throws {
        let others = try await WorkspaceBooks(books, visitor.workspace).members().filter {
            $0.role == .owner && $0.personID != member.personID
        }
        guard staysOwner || !others.isEmpty else { throw PageRefusal(.conflict, .lastOwner) }
    }

    // MARK: Plan

    /// The smallest first.
    func plans() async throws -> [KeyServer.Plan] {
        try await keys.plans().sorted { ($0.activeKeys ?? .max) < ($1.activeKeys ?? .max) }
    }

    @Sendable func planPage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let layout = Layout(visit: visit)
        let rows = try await plans().map { plan -> HTML in
            let count = plan.activeKeys.map { String($0) } ?? visit.say(.unlimited)
            let isCurrent = plan.name == visitor.workspace.plan
            let choose = layout.form(
                "/plan",
                """
                <input type="hidden" name="plan" value="\(plan.name)">
                <button aria-label="\(visit.say(.changePlan)): \(plan.name)">\(visit.say(.changePlan))</button>
                """)
            let last: [HTML] = isCurrent ? ["\(visit.say(.current))"] : visitor.role == .owner ? [choose] : []
            return """
                <tr><td class="plan">\(plan.name)</td><td>\(plan.hasKeys ? count : visit.say(.notIncluded))</td><td>\(last)</td></tr>
                """
        }
        return .page(layout.page(visit.say(.plan), layout.table([.plan, .activeKeys, .current], rows)))
    }

    @Sendable func changePlan(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let fields = try await visit.form()
        try Self.mustOwn(visitor)
        let plan = fields["plan"] ?? ""
        guard try await keys.plans().contains(where: { $0.name == plan }) else {
            throw PageRefusal(.notFound, .notFound)
        }
        let workspace = visitor.workspace
        try await Workspaces(books: books, keys: keys).put(workspace.slug, name: workspace.name, plan: plan)
        return .onward("/plan")
    }
}
