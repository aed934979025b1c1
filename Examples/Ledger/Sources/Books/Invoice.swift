import Foundation
import GRDB

/// A bill, and how far it has come.
struct Invoice: Sendable {
    enum Status: String, Sendable, CaseIterable {
        case draft, sent, paid
    }

    struct Line: Sendable {
        let description: String
        let quantity: Int64
        let unitCents: Int64
    }

    let id: String
    /// Counts within the workspace, from 1, without gaps.
    let number: Int64
    let customerID: String
    let customerName: String
    let currency: String
    /// `2026-12-31`
    let dueOn: String
    let totalCents: Int64
    let createdAt: Int64
    let sentAt: Int64?
    let paidAt: Int64?
    /// Empty in lists.
    var lines: [Line] = []

    var status: Status { paidAt != nil ? .paid : sentAt != nil ? .sent : .draft }

    init(_ row: Row) {
        id = row["id"]
        number = row["number"]
        customerID = row["customer_id"]
        customerName = row["customer_name"]
        currency = row["currency"]
        dueOn = row["due_on"]
        totalCents = row["total_cents"]
        createdAt = row["created_at"]
        sentAt = row["sent_at"]
        paidAt = row["paid_at"]
    }
}

/// An invoice as somebody asked for it; only a checked one exists.
struct InvoiceDraft: Sendable {
    let customerID: String
    let currency: String
    let dueOn: String
    let lines: [Invoice.Line]
    let totalCents: Int64

    /// No amount on paper is larger: a hundred billion units of the currency.
    private static let largestTotal: Int64 = 10_000_000_000_000

    init(customerID: String, currency: String, dueOn: String, lines: [Invoice.Line]) throws(InvalidField) {
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw InvalidField(name: "currency", detail: "Three capital letters, such as EUR.")
        }
        guard Self.isDay(dueOn) else { throw InvalidField(name: "due_on", detail: "A day such as 2026-12-31.") }
        guard (1...100).contains(lines.count) else {
            throw InvalidField(name: "lines", detail: "1 to 100 lines.")
        }
        var total: Int64 = 0
        for line in lines {
            _ = try Field.line(line.description, "lines")
            let (amount, overflows) = line.quantity.multipliedReportingOverflow(by: line.unitCents)
            guard line.quantity > 0, line.unitCents >= 0, !overflows, amount <= Self.largestTotal - total else {
                throw InvalidField(
                    name: "lines", detail: "Quantities from 1, prices from 0 cents, and a total that fits on paper.")
            }
            total += amount
        }
        self.customerID = customerID
        self.currency = currency
        self.dueOn = dueOn
        self.lines = lines
        totalCents = total
    }
    /// Read and written back it is the same: there is no 31 February, and no second way to write a day.
    private static func isDay(_ text: String) -> Bool {
        let style = Date.ISO8601FormatStyle().year().month().day()
        do { return try Date(text, strategy: style).formatted(style) == text } catch { return false }
    }
}
