import Hummingbird

extension Pages {
    @Sendable func invoicesPage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let (layout, own) = (Layout(visit: visit), WorkspaceBooks(books, visitor.workspace))
        let status = visit.request.uri.queryParameters.get("status").flatMap { Invoice.Status(rawValue: String($0)) }
        let listed = try await own.invoices(InvoiceFilter(status: status), Self.page(visit.request))
        let rows = listed.data.map { invoice -> HTML in
            """
            <tr><td><a href="/invoices/\(invoice.id)">\(invoice.number)</a></td><td>\(invoice.customerName)</td>
            <td>\(visit.say(invoice.status.words))</td><td>\(invoice.dueOn)</td>
            <td class="number">\(visit.language.amount(invoice.totalCents, invoice.currency))</td></tr>
            """
        }
        let filters = Invoice.Status.allCases.map {
            " <a href=\"/invoices?status=\($0.rawValue)\">\(visit.say($0.words))</a>" as HTML
        }
        let customers = try await own.customers(PageOfList(page: 1, limit: 100)).data
        let content: HTML = """
            <p><a href="/invoices">\(visit.say(.all))</a>\(filters)</p>
            \(layout.table([.number, .customer, .status, .dueOn, .total], rows))
            \(layout.pager(listed, "/invoices?status=\(status?.rawValue ?? "")"))
            \(visitor.role.mayWrite && !customers.isEmpty ? [newInvoice(layout, customers)] : [])
            """
        return .page(layout.page(visit.say(.invoices), content))
    }

    private func newInvoice(_ layout: Layout, _ customers: [Customer]) -> HTML {
        let visit = layout.visit
        let options = customers.map { "<option value=\"\($0.id)\">\($0.name)</option>" as HTML }
        return """
            <h2>\(visit.say(.newInvoice))</h2>
            \(layout.form(
                "/invoices",
                """
                <label for="customer">\(visit.say(.customer))</label><select id="customer" name="customer">\(options)</select>
                \(layout.field("description", .descriptionOfLine))
                \(layout.field("quantity", .quantity, type: "number", value: "1"))
                \(layout.field("unit_cents", .unitCents, type: "number"))
                \(layout.field("currency", .currency, value: "EUR"))
                \(layout.field("due_on", .dueOn, type: "date"))
                <button class="primary">\(visit.say(.create))</button>
                """))
            """
    }

    @Sendable func addInvoice(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let fields = try await visit.form()
        try Self.mustWrite(visitor)
        let line = Invoice.Line(
            description: fields["description"] ?? "", quantity: Int64(fields["quantity"] ?? "") ?? 0,
            unitCents: Int64(fields["unit_cents"] ?? "") ?? -1)
        let draft = try InvoiceDraft(
            customerID: fields["customer"] ?? "", currency: fields["currency"] ?? "", dueOn: fields["due_on"] ?? "",
            lines: [line])
        guard let invoice = try await WorkspaceBooks(books, visitor.workspace).addInvoice(draft) else {
            throw PageRefusal(.notFound, .notFound)
        }
        return .onward("/invoices/\(invoice.id)")
    }

    @Sendable func invoicePage(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        let layout = Layout(visit: visit)
        let id = try context.parameters.require("id")
        guard let invoice = try await WorkspaceBooks(books, visitor.workspace).invoice(id) else {
            throw PageRefusal(.notFound, .notFound)
        }
        let lines = invoice.lines.map { line -> HTML in
            """
            <tr><td>\(line.description)</td><td class="number">\(line.quantity)</td>
            <td class="number">\(visit.language.amount(line.unitCents, invoice.currency))</td></tr>
            """
        }
        let step: [HTML] =
            switch invoice.status {
            case .draft: [layout.form("/invoices/\(id)/send", "<button class=\"primary\">\(visit.say(.send))</button>")]
            case .sent:
                [layout.form("/invoices/\(id)/pay", "<button class=\"primary\">\(visit.say(.markPaid))</button>")]
            case .paid: []
            }
        let content: HTML = """
            <p>\(invoice.customerName) · <strong>\(visit.say(invoice.status.words))</strong> · \(visit.say(.dueOn)) \(invoice.dueOn)</p>
            \(layout.table([.descriptionOfLine, .quantity, .total], lines))
            <p class="number"><strong>\(visit.language.amount(invoice.totalCents, invoice.currency))</strong></p>
            \(visitor.role.mayWrite ? step : [])
            """
        return .page(layout.page("\(visit.say(.invoices)) \(invoice.number)", content))
    }

    @Sendable func send(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        try await step(visit, visitor, context) { try await $0.send($1) }
    }

    @Sendable func pay(_ visit: Visit, _ visitor: Visitor, _ context: LedgerContext) async throws -> Response {
        try await step(visit, visitor, context) { try await $0.markPaid($1) }
    }

    /// Pressed twice it is done once: the page shows how things stand.
    private func step(
        _ visit: Visit, _ visitor: Visitor, _ context: LedgerContext,
        _ change: (WorkspaceBooks, String) async throws -> InvoiceChange
    ) async throws -> Response {
        _ = try await visit.form()
        try Self.mustWrite(visitor)
        let id = try context.parameters.require("id")
        if case .notFound = try await change(WorkspaceBooks(books, visitor.workspace), id) {
            throw PageRefusal(.notFound, .notFound)
        }
        return .onward("/invoices/\(id)")
    }

    /// Pages have no error for a number that is none: they start at the front.
    static func page(_ request: Request) -> PageOfList {
        let page = request.uri.queryParameters.get("page").flatMap { Int($0) } ?? 1
        return PageOfList(page: min(max(page, 1), 1_000_000), limit: 20)
    }
}
