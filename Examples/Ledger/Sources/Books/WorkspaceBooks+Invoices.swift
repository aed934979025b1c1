import GRDB

/// What a list of invoices is narrowed to.
struct InvoiceFilter: Sendable {
    var status: Invoice.Status?
    var customerID: String?
}

/// What a change of an invoice came to.
enum InvoiceChange: Sendable {
    case done(Invoice)
    case notFound
    /// Sending what is not a draft, paying what was not sent.
    case wrongStatus(Invoice)
}

extension WorkspaceBooks {
    /// Newest first.
    func invoices(_ filter: InvoiceFilter, _ page: PageOfList) async throws -> Listed<Invoice> {
        var condition = "invoice.workspace_id = ?"
        var values: StatementArguments = [workspace.id]
        switch filter.status {
        case .draft: condition += " AND sent_at IS NULL"
        case .sent: condition += " AND sent_at IS NOT NULL AND paid_at IS NULL"
        case .paid: condition += " AND paid_at IS NOT NULL"
        case nil: break
        }
        if let customer = filter.customerID {
            condition += " AND customer_id = ?"
            values += [customer]
        }
        let (count, list) = (
            "SELECT count(*) FROM invoice WHERE \(condition)",
            "\(Self.selection) WHERE \(condition) ORDER BY number DESC LIMIT ? OFFSET ?"
        )
        let arguments = values
        return try await database.read { db in
            let total = try Int.fetchOne(db, sql: count, arguments: arguments)
            let rows = try Row.fetchAll(db, sql: list, arguments: arguments + [page.limit, page.offset])
            return Listed(data: rows.map(Invoice.init), page: page, total: total ?? 0)
        }
    }

    func invoice(_ invoice: String) async throws -> Invoice? {
        let id = workspace.id
        return try await database.read { try Self.invoice(invoice, of: id, $0) }
    }

    /// - Returns: nil where the customer is none of this workspace.
    func addInvoice(_ draft: InvoiceDraft) async throws -> Invoice? {
        let id = workspace.id
        return try await database.write { db in
            guard try Self.customer(draft.customerID, of: id, db) != nil else { return nil }
            let number = try Int64.fetchOne(
                db,
                sql: """
                    UPDATE workspace SET last_invoice_number = last_invoice_number + 1 WHERE id = ?
                    RETURNING last_invoice_number
                    """, arguments: [id])
            let invoice = Identifier.make("inv")
            try db.execute(
                sql: """
                    INSERT INTO invoice (workspace_id, id, number, customer_id, currency, due_on, total_cents, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id, invoice, number, draft.customerID, draft.currency, draft.dueOn, draft.totalCents, Moment.now,
                ])
            for (position, line) in draft.lines.enumerated() {
                try db.execute(
                    sql: """
                        INSERT INTO invoice_line
                        (workspace_id, invoice_id, position, description, quantity, unit_cents) VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [id, invoice, position, line.description, line.quantity, line.unitCents])
            }
            return try Self.invoice(invoice, of: id, db).unwrapped()
        }
    }

    func send(_ invoice: String) async throws -> InvoiceChange {
        try await change(invoice, from: .draft, "UPDATE invoice SET sent_at = ? WHERE workspace_id = ? AND id = ?")
    }

    func markPaid(_ invoice: String) async throws -> InvoiceChange {
        try await change(invoice, from: .sent, "UPDATE invoice SET paid_at = ? WHERE workspace_id = ? AND id = ?")
    }

    private func change(_ invoice: String, from status: Invoice.Status, _ sql: String) async throws -> InvoiceChange {
        let id = workspace.id
        return try await database.write { db in
            guard let found = try Self.invoice(invoice, of: id, db) else { return .notFound }
            guard found.status == status else { return .wrongStatus(found) }
            try db.execute(sql: sql, arguments: [Moment.now, id, invoice])
            return .done(try Self.invoice(invoice, of: id, db).unwrapped())
        }
    }

    private static let selection = """
        SELECT invoice.*, customer.name AS customer_name FROM invoice
        JOIN customer ON customer.workspace_id = invoice.workspace_id AND customer.id = customer_id
        """

    private static func invoice(_ invoice: String, of workspace: Int64, _ db: Database) throws -> Invoice? {
        let row = try Row.fetchOne(
            db, sql: "\(selection) WHERE invoice.workspace_id = ? AND invoice.id = ?", arguments: [workspace, invoice])
        guard var found = row.map(Invoice.init) else { return nil }
        found.lines = try Row.fetchAll(
            db,
            sql: """
                SELECT description, quantity, unit_cents FROM invoice_line
                WHERE workspace_id = ? AND invoice_id = ? ORDER BY position
                """, arguments: [workspace, invoice]
        ).map { Invoice.Line(description: $0["description"], quantity: $0["quantity"], unitCents: $0["unit_cents"]) }
        return found
    }
}
