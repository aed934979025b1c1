import Hummingbird

/// `/api`: what keys open. Each route names the permission that it needs.
struct API: Sendable {
    let books: Books
    let door: KeyDoor

    func add(to router: Router<LedgerContext>) {
        let api = router.group("api")
        door.group(api, needing: "workspace:read").get("workspace", use: workspace)

        door.group(api, needing: "customer:read").get("customers", use: customers)
        door.group(api, needing: "customer:create").post("customers", use: addCustomer)
        door.group(api, needing: "customer/{id}:read").get("customers/:id", use: customer)
        door.group(api, needing: "customer/{id}:update").put("customers/:id", use: changeCustomer)

        door.group(api, needing: "invoice:read").get("invoices", use: invoices)
        door.group(api, needing: "invoice:create").post("invoices", use: addInvoice)
        door.group(api, needing: "invoice/{id}:read").get("invoices/:id", use: invoice)
        door.group(api, needing: "invoice/{id}:send").post("invoices/:id/send", use: send)
        door.group(api, needing: "invoice/{id}:pay").post("invoices/:id/pay", use: pay)
    }

    @Sendable func workspace(_ request: Request, _ context: LedgerContext) async throws -> Response {
        try await Wire.answer(WorkspaceAnswer(context.workspace(in: books).workspace))
    }

    // MARK: Customers

    @Sendable func customers(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let listed = try await context.workspace(in: books).customers(Wire.page(request))
        return try Wire.answer(ListAnswer(listed, CustomerAnswer.init))
    }

    @Sendable func addCustomer(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let draft = try await Wire.read(request, as: CustomerBody.self).draft()
        return try Wire.answer(
            CustomerAnswer(try await context.workspace(in: books).addCustomer(draft)), status: .created)
    }

    @Sendable func customer(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let id = try context.parameters.require("id")
        guard let customer = try await context.workspace(in: books).customer(id) else { throw Problem.notFound }
        return try Wire.answer(CustomerAnswer(customer))
    }

    @Sendable func changeCustomer(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let (id, workspace) = (try context.parameters.require("id"), try await context.workspace(in: books))
        guard try await workspace.customer(id) != nil else { throw Problem.notFound }
        let draft = try await Wire.read(request, as: CustomerBody.self).draft()
        guard let customer = try await workspace.change(id, to: draft) else { throw Problem.notFound }
        return try Wire.answer(CustomerAnswer(customer))
    }

    // MARK: Invoices

    /// `?status=draft|sent|paid&customer=cus_…&page=1&limit=20`
    @Sendable func invoices(_ request: Request, _ context: LedgerContext) async throws -> Response {
        var filter = InvoiceFilter()
        if let status = request.uri.queryParameters.get("status") {
            filter.status = Invoice.Status(rawValue: status)
            guard filter.status != nil else {
                throw Problem(
                    status: .unprocessableContent, code: "invalid_status", detail: "One of draft, sent and paid.")
            }
        }
        filter.customerID = request.uri.queryParameters.get("customer")
        let listed = try await context.workspace(in: books).invoices(filter, Wire.page(request))
        return try Wire.answer(ListAnswer(listed, InvoiceAnswer.init))
    }

    @Sendable func addInvoice(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let draft = try await Wire.read(request, as: InvoiceBody.self).draft()
        guard let invoice = try await context.workspace(in: books).addInvoice(draft) else {
            throw Problem(
                status: .unprocessableContent, code: "invalid_customer",
                detail: "The identifier of one of this workspace's customers.")
        }
        return try Wire.answer(InvoiceAnswer(invoice), status: .created)
    }

    @Sendable func invoice(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let id = try context.parameters.require("id")
        guard let invoice = try await context.workspace(in: books).invoice(id) else { throw Problem.notFound }
        return try Wire.answer(InvoiceAnswer(invoice))
    }

    @Sendable func send(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let id = try context.parameters.require("id")
        return try answer(try await context.workspace(in: books).send(id), "Only a draft can be sent.")
    }

    @Sendable func pay(_ request: Request, _ context: LedgerContext) async throws -> Response {
        let id = try context.parameters.require("id")
        return try answer(
            try await context.workspace(in: books).markPaid(id), "Only an invoice that was sent can be paid.")
    }

    private func answer(_ change: InvoiceChange, _ rule: String) throws -> Response {
        switch change {
        case .done(let invoice): try Wire.answer(InvoiceAnswer(invoice))
        case .notFound: throw Problem.notFound
        case .wrongStatus(let invoice):
            throw Problem(
                status: .conflict, code: "wrong_status", detail: "\(rule) This one is \(invoice.status.rawValue).")
        }
    }
}
